"""Replaces site indexes by the places of their entries, as far as an index may name these.

A site index may name what lies below its own folder and addresses, but no file if it was fetched
or came from standard input. ``permission`` says which addresses.
"""

import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from urllib.parse import SplitResult, unquote, urlsplit

from cachegraph.errors import CacheGraphError, FetchError
from cachegraph.reading import remote
from cachegraph.reading.blobs import decompressed, read_bytes
from cachegraph.reading.decompress import decompress_head
from cachegraph.reading.discover import SITE_INDEX, Place
from cachegraph.reading.locations import local_path
from cachegraph.reading.s3 import is_s3
from cachegraph.reading.secrets import without_secrets
from cachegraph.reading.text import beginning_of_text
from cachegraph.sources import Document, ErrorHandler, StackNames, siteindex
from cachegraph.sources.files import lies_below

_HEAD = 8 << 10
_CHECK = "check the site index"
_SHA256_LENGTH = 64
_NEVER_SITE_INDEX = (".spec.json", ".manifest.json")


def expand_site_indexes(places: Iterable[Place], report: ErrorHandler) -> list[Place]:
    """The places, with each site index replaced by the places of its entries.

    A copy of such an index, in the same folder as the site index, is not read a second time.
    """
    expanded: list[Place] = []
    entry_paths: set[str] = set()
    for place in places:
        entries = _places_in_site_index(place, report)
        expanded += [place] if entries is None else entries
        entry_paths.update(os.path.normpath(entry.path) for entry in entries or ())
    if not entry_paths:
        return expanded
    return [
        place
        for place in expanded
        if place.names.release or os.path.normpath(place.path) not in entry_paths
    ]


def _places_in_site_index(place: Place, report: ErrorHandler) -> list[Place] | None:
    """The indexes that a site index lists; None if the place is something else."""
    try:
        beginning = _possible_site_index(place)
        if beginning is None or not siteindex.accepts(beginning):
            return None
        document = decompressed(place, read_bytes(place))
        listed = []
        for release, stack, url in siteindex.read_entries(document, report):
            try:
                entry = _entry(place, url)
            except CacheGraphError as exc:
                report(exc)
            else:
                names = StackNames(release, stack)
                listed.append(entry._replace(folder=place.folder, subfolders=(), names=names))
        return listed
    except CacheGraphError as exc:
        report(exc)
        return []


def _possible_site_index(place: Place) -> Document | None:
    """The beginning of a file that may be a site index; None for other files."""
    if not (place.subfolders is None or place.path.endswith(SITE_INDEX)):
        return None
    name = PurePath(place.path.partition("?")[0]).name
    if remote.is_remote(place.path):
        # An address is read whole, so not twice for what is surely something else.
        other = place.names.stack or name == "index.json" or name.endswith(_NEVER_SITE_INDEX)
        if other or not name.endswith(".json"):
            return None
        return decompressed(place, read_bytes(place))
    try:
        is_file = place.data is not None or os.path.isfile(place.path)  # noqa: PTH113
        data = read_bytes(place, _HEAD) if is_file else b""
    except FetchError:
        return None  # reported when it is read as a document
    beginning = beginning_of_text(decompress_head(data, _HEAD))
    return Document(place.location, place.path, beginning)


def _entry(index: Place, url: str) -> Place:
    """The place of an entry: a file below the folder of a local site index, or an address.

    FetchError if the index may not name it, UsageError for addresses that cannot be read.
    """
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise FetchError(f"{without_secrets(url)}: not an address", _CHECK) from exc
    is_fetched = remote.is_remote(index.path)
    if remote.is_remote(url):
        if not is_fetched and index.data is None and (copy := _copy_of(index, parts)):
            return Place(copy, copy, is_document=True)
        named_by = index.path if is_fetched else ""
        if not is_s3(url):
            from cachegraph.reading.permission import check_named

            check_named(url, named_by)
        return Place(url, without_secrets(url), is_document=True, named_by=named_by)
    path = local_path(url)
    if is_fetched and path == url and not path.startswith("/") and ":" not in path:
        return _below_address(index, path)
    if is_fetched or index.data is not None:
        message = f"{without_secrets(url)}: {index.location} may name no file of this machine"
        raise FetchError(message, f"save it as {SITE_INDEX} above that file, and import that")
    found = _below_folder(index, path)
    return Place(found, found, is_document=True)


def _below_address(index: Place, path: str) -> Place:
    """The place of a relative path, from the folder of the address of the index."""
    if ".." in unquote(path).split("/"):
        message = f"{without_secrets(path)}: not below the folder of {index.location}"
        raise FetchError(message, _CHECK)
    folder = index.path.partition("?")[0].rpartition("/")[0]
    address = f"{folder}/{path}"
    return Place(address, without_secrets(address), is_document=True, named_by=index.path)


def _below_folder(index: Place, path: str) -> str:
    """The path of a file that lies below the folder of the index, also where links lead."""
    folder = os.path.dirname(index.path) or "."  # noqa: PTH120  # "." stays in front of the path
    found = path if os.path.isabs(path) else f"{folder}/{path}"  # noqa: PTH117
    if not lies_below(found, folder):
        message = f"{path}: not below the folder of {index.location}, which names it"
        raise FetchError(message, "import that file by itself, or move the index above it")
    return found


def _copy_of(index: Place, parts: SplitResult) -> str | None:
    """The path of a copy of an address below the folder of the index; None if there is none."""
    below = [part for part in (parts.netloc, *parts.path.split("/")) if part not in ("", "..")]
    for skipped in range(len(below)):
        # A last part alone is too short to be sure, unless it is the checksum of a blob.
        if len(below) - skipped > 1 or len(below[-1]) == _SHA256_LENGTH:
            copy = Path(index.path).parent.joinpath(*below[skipped:])
            if copy.is_file():
                _below_folder(index, str(copy.absolute()))
                return str(copy)
    return None
