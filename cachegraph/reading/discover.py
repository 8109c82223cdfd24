"""Finds the documents at a location: a file, a folder, a build cache, or an address."""

import os
from collections.abc import Iterable, Iterator, Set
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

from cachegraph.errors import FetchError
from cachegraph.model.stack_key import ROOT
from cachegraph.reading import build_cache, locations, remote
from cachegraph.reading.build_cache import SPEC_FILES, SPEC_MANIFEST, BuildCache
from cachegraph.reading.prefixes import METADATA, spec_of_prefix, specs_of_view
from cachegraph.reading.s3 import is_s3
from cachegraph.reading.secrets import without_secrets
from cachegraph.reading.walking import Folder, files_below, walk
from cachegraph.sources import ErrorHandler, StackNames, sitedata
from cachegraph.sources.registry import SOURCES

SAMPLE = Path(__file__).parents[1] / "sample"
LOOKED_FOR = (
    f"looked for {', '.join(source.description for source in SOURCES)}, build caches (a folder "
    "with v3 and blobs, or with build_cache), and install prefixes (a folder with .spack)"
)
SITE_INDEX = "cache_spack_io_index.json"
_FILE_NAMES = frozenset(name for source in SOURCES for name in source.file_names)
_INDEX = "index.json"
_INDEX_MANIFEST = "index.manifest.json"
_BUILD_CACHE_FOLDERS = frozenset({"v3", "blobs", "build_cache"})
_COMPRESSED = (".gz", ".zst", ".xz")
# An address with one of these endings is a file; at others, servers may show a folder.
_FILE_ENDINGS = (".json", ".lock", ".md", ".sig", ".yaml", *_COMPRESSED)


class Place(NamedTuple):
    """The path of a file or address, and what is known of it before it is read."""

    path: str
    location: str
    """The path in messages, and in the graph."""
    is_document: bool
    """Whether it must be a document; a file met in a folder may be anything."""
    folder: str = ""
    """The folder that the user named; empty if the user named the file."""
    subfolders: tuple[str, ...] | None = None
    """The folders between that folder and the file; None if the user named the file."""
    names: StackNames = StackNames()
    build_cache: str = ""
    """The location of the build cache, if it is one of the many spec files in it."""
    cache: BuildCache | None = None
    """The build cache, if it is an index of one whose files can be listed."""
    is_top: bool = False
    """Whether the index is that of the whole build cache, and not of a view."""
    data: bytes | None = None
    """The bytes where they can be read only once, as from standard input or another pipe."""
    below: str = ""
    """The folder out of which it must not lead, as a link may; empty if it may be anywhere."""
    named_by: str | None = None
    """The site index that names the address, empty for a local one; None if the user does."""


def discover(named: Iterable[str | os.PathLike[str]], report: ErrorHandler) -> list[Place]:
    """The places at the locations, each once; FetchError for a location that does not exist."""
    places: dict[str, Place] = {}
    for location in named:
        text = os.fspath(location)
        if remote.is_remote(text):
            places.update((place.path, place) for place in _places_at_address(text))
            continue
        if text == locations.STANDARD_INPUT:
            if text not in places:
                names, data = StackNames(stack="stdin"), locations.read_standard_input()
                places[text] = Place(text, "standard input", True, names=names, data=data)
            continue
        text = locations.local_path(text)
        path = Path(text)
        shown = "sample" if path == SAMPLE else text.rstrip("/") or text
        locations.check_exists(text)
        if path.is_dir():
            inside = [*_places_in_folder(path, shown, report)]
            if not inside:
                report(FetchError(f"{shown}: no files in this folder", LOOKED_FOR))
            for place in inside:
                places.setdefault(place.path, place._replace(folder=shown))
        else:
            places.update((place.path, place) for place in _places_of_file(path, shown))
    return [*places.values()]


def with_distinct_locations(places: Iterable[Place]) -> list[Place]:
    """The places, numbered where addresses differ only in what is not shown."""
    paths: dict[str, list[str]] = {}
    numbered = []
    for place in places:
        if place.path != place.location and remote.is_remote(place.path):
            known = paths.setdefault(place.location, [])
            known.append(place.path)
            if len(known) > 1:
                place = place._replace(location=f"{place.location} ({len(known)})")  # noqa: PLW2901
        numbered.append(place)
    return numbered


def _places_of_file(path: Path, shown: str) -> Iterator[Place]:
    """The place of a file, or of a pipe or a device, which is read at once."""
    data = None if path.is_file() else locations.read_pipe(path)
    return _with_package_data(Place(str(path), shown, is_document=True, data=data))


def _with_package_data(place: Place) -> Iterator[Place]:
    """The place, and beside the site's ``specs_data.json`` the file with the names of packages."""
    yield place
    path = sitedata.package_data(place.path)
    exists = remote.exists if remote.is_remote(path) else os.path.isfile
    if path and exists(path):
        below = "" if remote.is_remote(path) else os.path.dirname(path) or "."  # noqa: PTH120
        location = sitedata.package_data(place.location)
        yield place._replace(path=path, location=location, below=below)


def _places_in_folder(path: Path, shown: str, report: ErrorHandler) -> Iterator[Place]:
    """The places in a folder that the user named; one inside a build cache stands for it."""
    if path.absolute().name == "v3" and (path / "manifests").is_dir():
        shown = str(Path(shown).parent) if path.name else ".."
        path = path.absolute().parent
    if path.absolute().name == METADATA and spec_of_prefix(path.absolute().parent):
        shown = str(Path(shown).parent) if path.name else ".."
        path = path.absolute().parent
    if path.absolute().name == "build_cache":
        yield from _places_in_layout_2(path, shown)
    else:
        yield from walk(Folder(str(path), shown), partial(_places_inside, report))


def _places_inside(report: ErrorHandler, inside: Folder) -> Iterator[Place | Folder]:
    """The places and folders in a folder, sorted, so that an import is the same everywhere."""
    folder, shown, subfolders = inside
    try:
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
    except OSError as exc:
        report(FetchError(f"{shown}: {exc.strerror}", "check its permissions"))
        return
    folders = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
    yield from _places_in_build_cache(folder, shown, folders)
    if folders & {".spack-db", METADATA} and (
        installed := [*_places_installed(Path(folder), shown, subfolders)]
    ):
        yield from installed
        return
    has_page_of_2021 = any(entry.name == "index.md" for entry in entries)
    skipped = _BUILD_CACHE_FOLDERS if folders & {"blobs", "build_cache"} else frozenset()
    for entry in entries:
        location = f"{shown}/{entry.name}"
        if entry.name in folders:
            if not entry.name.startswith(".") and entry.name not in skipped:
                yield Folder(entry.path, location, (*subfolders, entry.name))
        elif _is_file(entry) and not (has_page_of_2021 and entry.name.startswith("spec-")):
            is_document = uncompressed_name(entry.name) in _FILE_NAMES
            yield Place(entry.path, location, is_document, subfolders=subfolders)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file; not a link to where access is denied."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _places_in_build_cache(folder: str, shown: str, folders: Set[str]) -> Iterator[Place]:
    """The documents if the folder is a build cache; during a migration those of layout 3."""
    if {"v3", "blobs"} <= folders:
        yield from _places_in_layout_3(Path(folder), shown)
    elif "build_cache" in folders:
        yield from _places_in_layout_2(Path(folder, "build_cache"), f"{shown}/build_cache")


def _places_installed(folder: Path, shown: str, subfolders: tuple[str, ...]) -> Iterator[Place]:
    """What Spack wrote of what it installed here: a database, or the specs of a prefix or a view.

    Nothing else below is read. A prefix that the user named is a stack. Prefixes below a named
    folder are one stack, as in a build cache: each holds one spec of it.
    """
    absolute = Path(os.path.abspath(folder))  # noqa: PTH100  # a path that ends in .. has a name
    database, spec = Path(folder, ".spack-db", _INDEX), spec_of_prefix(folder)
    if database.parent.is_dir():
        location = f"{shown}/.spack-db/{_INDEX}"
        yield Place(str(database), location, is_document=True, subfolders=subfolders)
    elif spec and not subfolders:
        names = StackNames(stack=absolute.name)
        yield Place(str(spec), f"{shown}/{METADATA}/{spec.name}", True, names=names)
    else:
        top = shown.removesuffix("".join(f"/{name}" for name in subfolders))
        stack = [absolute, *absolute.parents][len(subfolders)].name
        for path in [spec] if spec else specs_of_view(folder):
            yield _cached(path, f"{shown}/{path.relative_to(folder)}", stack, build_cache=top)


def _cached(path: object, location: str, stack: str, build_cache: str = "") -> Place:
    """A document of a build cache, whose location names the stack."""
    return Place(str(path), location, True, "", (), StackNames(stack=stack), build_cache)


def _places_in_layout_2(folder: Path, shown: str) -> Iterator[Place]:
    """The index of a build cache of layout 1 or 2; without an index all spec files."""
    stack = folder.absolute().parent.name
    cache = build_cache.layout_2(str(folder), shown)
    files = [path for _, name in files_below(folder) if (path := Path(name)).is_file()]
    for path in files:
        if uncompressed_name(path.name) == _INDEX and path.parent == folder:
            place = _cached(path, f"{shown}/{path.name}", stack)
            yield place._replace(cache=cache, is_top=True, below=str(folder))
            return
    for path in files:
        if uncompressed_name(path.name).endswith(SPEC_FILES):
            place = _cached(path, f"{shown}/{path.relative_to(folder)}", stack, build_cache=shown)
            yield place._replace(cache=cache, below=str(folder))


def _places_in_layout_3(folder: Path, shown: str) -> Iterator[Place]:
    """The manifests of all indexes of a build cache; without a top index those of all specs."""
    manifests = folder / "v3" / "manifests"
    cache = build_cache.layout_3(str(folder), shown)
    has_top_index = False
    for path in _named(manifests / "index", f"/{_INDEX_MANIFEST}"):
        is_top = path.parent == manifests / "index"
        has_top_index = has_top_index or is_top
        place = _cached(path, f"{shown}/{path.relative_to(folder)}", index_view(path))
        yield place._replace(cache=cache, is_top=is_top, below=str(folder))
    if not has_top_index:
        for path in _named(manifests / "spec", SPEC_MANIFEST):
            place = _cached(path, f"{shown}/{path.relative_to(folder)}", ROOT, build_cache=shown)
            yield place._replace(below=str(folder))


def _named(folder: Path, ending: str) -> Iterator[Path]:
    """The files below a folder whose paths end so."""
    return (Path(path) for _, path in files_below(folder) if path.endswith(ending))


def _places_at_address(address: str) -> Iterator[Place]:
    """The place at an address: a file, or a build cache below it."""
    base = address.rstrip("/")
    path = PurePosixPath(base.partition("?")[0])
    if path.name.endswith(_FILE_ENDINGS) or "/blobs/" in address:
        yield from _with_package_data(_addressed(address))
        return
    is_inside = path.name in ("build_cache", "v3")
    stack = path.parent.name if is_inside else path.name
    cache = base.removesuffix(path.name).rstrip("/") if is_inside else base
    indexes = remote.join(cache, "v3", "manifests", "index")
    candidates = {
        remote.join(indexes, _INDEX_MANIFEST): ROOT,
        remote.join(cache, "build_cache", _INDEX): stack,
        remote.join(base, _INDEX): stack,
    }
    can_list = is_s3(base)
    for top, name in candidates.items():
        if remote.exists(top):
            place = _addressed(top, name)
            bucket = build_cache.in_bucket(cache, top) if can_list else None
            yield place._replace(cache=bucket, is_top=True)
            for view in remote.list_folders(indexes) if name == ROOT and can_list else ():
                yield _addressed(remote.join(indexes, view, _INDEX_MANIFEST), view)
            return
    specs = [*_places_in_bucket(cache, stack)] if can_list else []
    yield from specs
    if not specs:
        if address.endswith("/") or not remote.exists(address):
            hint = f"looked for {', '.join(map(without_secrets, candidates))}"
            message = f"{without_secrets(address)}: neither a file nor a build cache"
            raise FetchError(message, hint)
        yield _addressed(address)


def _addressed(address: str, stack: str | None = None) -> Place:
    return Place(address, without_secrets(address), True, names=StackNames(stack=stack))


def _places_in_bucket(base: str, name: str) -> Iterator[Place]:
    """The spec files of a build cache without an index, in a bucket that can be listed."""
    for folder, endings, stack in (
        (("v3", "manifests", "spec"), (SPEC_MANIFEST,), ROOT),
        (("build_cache",), SPEC_FILES, name),
    ):
        for path in sorted(remote.list_files(remote.join(base, *folder))):
            if uncompressed_name(path).endswith(endings):
                yield _cached(path, without_secrets(path), stack, build_cache=without_secrets(base))


def index_view(path: PurePath) -> str:
    """The view of the index that a manifest refers to, or root; empty for any other file."""
    _, found, below = f"/{path.as_posix()}".rpartition("/v3/manifests/index/")
    return "-".join(below.split("/")[:-1]) or ROOT if found else ""


def uncompressed_name(name: str) -> str:
    """The name of a file without the ending of its compression."""
    return next((name.removesuffix(end) for end in _COMPRESSED if name.endswith(end)), name)
