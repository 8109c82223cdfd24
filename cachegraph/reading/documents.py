"""Reads what was found: bytes, what they are, and the names that follow from where they are."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from cachegraph.errors import CacheGraphError, FetchError, FormatError
from cachegraph.reading import remote
from cachegraph.reading.decompress import head, plain
from cachegraph.reading.discover import SITE_INDEX, WANTED, Found, plain_name, view
from cachegraph.sources import (
    Document,
    Names,
    Report,
    Source,
    index,
    lockfile,
    manifest,
    page,
    siteindex,
    specfile,
)

_HEAD = 8 << 10
_ZSTD, _ZSTD_BLOCK = b"\x28\xb5\x2f\xfd", 130 << 10  # nothing comes out before a whole block
_LARGEST = 1 << 30
_CHECKSUM = 64  # characters of a sha256, which names a blob
SOURCES: tuple[Source, ...] = (page, lockfile, index, specfile)
_LOCK = "spack.lock"
_NO_SITE_INDEX = (".spec.json", ".manifest.json")
_INSIDE = ("build_cache", ".spack-db")
_ENDINGS = (".sig", ".json", ".yaml", ".lock", ".manifest", ".spec")


def documents(
    found: Iterable[Found], given: Names, report: Report, incomplete: set[str]
) -> Iterator[tuple[Document, Source] | None]:
    """Each place's document and the source that reads it, or None for a file that is none.

    Adds to ``incomplete`` the build caches that lack a document. Says at the end which folders
    had no document in them, good or bad.
    """
    without: dict[str, bool] = {}
    for place in found:
        document = None
        try:
            document = _document(place, given)
        except CacheGraphError as exc:
            without[place.folder] = False
            incomplete.add(place.part_of)
            report(exc)
        if document is None:
            without.setdefault(place.folder, True)
        else:
            without[place.folder] = False
        yield document
    for folder, is_without in without.items():
        if is_without and folder:
            report(FetchError(f"{folder}: nothing to import in this folder", WANTED))


def expanded(found: Iterable[Found], report: Report) -> list[Found]:
    """The places, with each site index replaced by the indexes that it names.

    A copy of one of those in the folder of the site index is that index, and nothing else.
    """
    places: list[Found] = []
    listed: set[str] = set()
    for place in found:
        inside = _listed(place, report)
        places += [place] if inside is None else inside
        listed.update(os.path.normpath(named.path) for named in inside or ())
    return [
        place
        for place in places
        if place.names.release or os.path.normpath(place.path) not in listed
    ]


def _listed(place: Found, report: Report) -> list[Found] | None:
    """What a site index names, or None for a place that holds something else."""
    try:
        beginning = _beginning(place)
        if beginning is None or not siteindex.accepts(beginning):
            return None
        document = _plain(place, _read(place))
        return [
            Found(path, path, True, place.folder, (), Names(release, stack))
            for release, stack, url in siteindex.listed(document, report)
            for path in (_local_copy(place.path, url),)
        ]
    except CacheGraphError as exc:
        report(exc)
        return []


def _beginning(place: Found) -> Document | None:
    """The first bytes of a file that may be a site index; None of others."""
    name = PurePath(place.path).name
    if not (place.below is None or name == SITE_INDEX):
        return None
    if remote.is_remote(place.path):
        # An address gives all or nothing: what is surely something else is not asked for twice.
        other = place.names.stack or name == "index.json" or name.endswith(_NO_SITE_INDEX)
        return None if other or not name.endswith(".json") else _plain(place, _read(place))
    try:
        data = _read(place, _HEAD) if os.path.isfile(place.path) else b""  # noqa: PTH113
    except FetchError:
        return None  # said when it is read
    return Document(place.location, place.path, head(data, _HEAD))


def _local_copy(index_path: str, url: str) -> str:
    """Where an index of the site is: a copy beside the site index, else its address."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    if not parts.scheme:
        return f"{index_path.rpartition('/')[0] or '.'}/{url}"
    if parts.scheme == "file":
        return unquote(parts.path)
    if remote.is_remote(index_path):
        return url
    below = [part for part in (parts.netloc, *parts.path.split("/")) if part not in ("", "..")]
    for skipped in range(len(below)):
        if len(below) - skipped > 1 or len(below[-1]) == _CHECKSUM:
            copy = Path(index_path).parent.joinpath(*below[skipped:])
            if copy.is_file():
                return str(copy)
    return url


def _document(place: Found, given: Names) -> tuple[Document, Source] | None:
    if place.named:
        document = _plain(place, _read(place))
    else:
        # Of a file found below a folder the beginning tells whether to read on.
        data = _read(place, _HEAD)
        if data.startswith(_ZSTD):
            data = _read(place, _ZSTD_BLOCK)
        beginning = Document(place.location, place.path, head(data, _HEAD))
        if not any(source.accepts(beginning) for source in SOURCES):
            return None
        document = _plain(place, _read(place))
    if manifest.accepts(document):
        document = _of_blob(place, document)
    for source in SOURCES:
        if source.accepts(document):
            names = place.names if place.names.stack else _names(place, source)
            return document._replace(given=given, found=names, part_of=place.part_of), source
    raise FormatError(f"{place.location}: {_unlike(document.data)}", WANTED)


def _read(place: Found, size: int | None = None) -> bytes:
    """The first bytes of a file, or all of them."""
    if remote.is_remote(place.path):
        return remote.read(place.path, limit=_LARGEST)
    try:
        with open(place.path, "rb", buffering=0) as stream:  # noqa: PTH123  # of many files
            if os.fstat(stream.fileno()).st_size > _LARGEST:
                raise FetchError(f"{place.location}: larger than {_LARGEST >> 20} MiB")
            return stream.readall() if size is None else stream.read(size) or b""
    except OSError as exc:
        missing = isinstance(exc, FileNotFoundError)
        hint = "check its spelling" if missing else "check its permissions"
        raise FetchError(f"{place.location}: {exc.strerror}", hint) from exc


def _plain(place: Found, data: bytes) -> Document:
    digest = hashlib.sha256(data).hexdigest()
    return Document(place.location, place.path, plain(place.location, data, _LARGEST), digest)


def _of_blob(place: Found, document: Document) -> Document:
    """The spec or the index that a manifest is of; FormatError when it is not what it should be."""
    blob = manifest.blob(document)
    where = place.path if remote.is_remote(place.path) else os.path.abspath(place.path)  # noqa: PTH100
    base, found, _ = where.replace(os.sep, "/").rpartition("/v3/manifests/")
    if not found:
        raise FormatError(
            f"{place.location}: a manifest outside of its build cache",
            "import the folder that holds v3 and blobs",
        )
    path = "/".join((base, *blob.path))
    data = _read(place._replace(path=path, location=f"{place.location} ({'/'.join(blob.path)})"))
    try:
        checksum = hashlib.new(blob.algorithm, data).hexdigest()
    except ValueError as exc:
        raise FormatError(f"{place.location}: unknown checksum {blob.algorithm}") from exc
    if checksum != blob.checksum:
        raise FormatError(
            f"{place.location}: its blob has another checksum: {checksum}, not {blob.checksum}",
            "the blob is damaged: fetch it again",
        )
    return _plain(place, data)._replace(path=path)


def _names(place: Found, source: Source) -> Names:
    """The stack, and perhaps the release, that follow from where a document is."""
    path = _at(place.path)
    folder = path.parent.parent if path.parent.name in _INSIDE else path.parent
    if source is index:
        return Names(stack=view(path) or folder.name)
    own = () if plain_name(path.name) == _LOCK else (_stem(path.name),)
    parts = (*(place.below or ()), *own)
    if not parts:
        return Names(stack=folder.name)
    return Names("/".join(parts[:-1]) or None, parts[-1])


def _at(path: str) -> PurePath:
    """A path, or that of an address, with all its folders."""
    if not remote.is_remote(path):
        return Path(path).absolute()
    from urllib.parse import unquote, urlsplit

    return PurePosixPath(unquote(urlsplit(path).path))


def _stem(name: str) -> str:
    """The name of a file without what says its format."""
    stem = plain_name(name)
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending) or stem
    return stem


def _unlike(data: bytes) -> str:
    """What a file that no source accepts looks like."""
    text = data.lstrip()
    if not text or b"\0" in data:
        return "a binary file, not a page and no JSON" if text else "the file is empty"
    first = text.partition(b"\n")[0][:40].decode(errors="backslashreplace")
    if text[:1] == b"<":
        return f"HTML or XML, not JSON: it begins with {first!r}"
    if text.startswith((b"spack:", b"# This is a Spack Environment")) or b"\nspack:\n" in data:
        return "an environment's spack.yaml, not its lock file (spack concretize writes that)"
    if text[:1] in b"{[":
        return f"JSON, but none of Spack's: it begins with {first!r}"
    if not data.startswith(b"---") or text.startswith(b"-----BEGIN"):
        return f"line 1: no front matter: expected '---', found {first!r}"
    return "front matter, but not of a page: no spec_details, meta or categories"
