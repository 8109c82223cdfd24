"""What a location names: a file, the documents below a folder, a build cache, an address."""

import os
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

from cachegraph.errors import FetchError, UsageError
from cachegraph.model.stack_key import LOCAL, ROOT
from cachegraph.reading import remote
from cachegraph.sources import Names, Report

SAMPLE = Path(__file__).parents[1] / "sample"
WANTED = (
    "looked for pages (specs.md), spack.lock, index.json, spec files, and build caches "
    "(a folder with v3 and blobs, or with build_cache)"
)
# Files that are what their names say whatever is in them: a bad one is reported, not passed over.
_CERTAIN = ("specs.md", "spack.lock")
SITE_INDEX = "cache_spack_io_index.json"
_INDEX_MANIFEST = "index.manifest.json"
_SPEC_MANIFEST = ".spec.manifest.json"
_SPEC_FILES = (".spec.json", ".spec.json.sig", ".spec.yaml")
_OF_BUILD_CACHE = frozenset({"v3", "blobs", "build_cache"})
_SHOWN = 20
_COMPRESSED = (".gz", ".zst", ".xz")
# What ends so is a file; at other addresses servers show folders too.
_ENDINGS = (".json", ".lock", ".md", ".sig", ".yaml", *_COMPRESSED)


class Found(NamedTuple):
    """A place that may hold a document; one found below a folder may turn out to be another thing.

    ``below`` are the folders from the one that was named to the file; None when the file was.
    """

    path: str
    location: str
    named: bool
    folder: str = ""
    """The location below which it was found; empty for one that was named itself."""
    below: tuple[str, ...] | None = None
    names: Names = Names()
    part_of: str = ""


def discover(locations: Iterable[str | os.PathLike[str]], report: Report) -> list[Found]:
    """What the locations name, each place once; a location that is not there is an error."""
    found: dict[str, Found] = {}
    for location in locations:
        text = os.fspath(location)
        if remote.is_remote(text):
            found.update((place.path, place) for place in _at_address(text))
            continue
        path = Path(location)
        shown = "sample" if path == SAMPLE else text.rstrip("/") or text
        _check(text)
        if path.is_dir():
            below = [*_in_folder(path, shown, report)]
            if not below:
                report(FetchError(f"{shown}: no files in this folder", WANTED))
            for file in below:
                found.setdefault(file.path, file._replace(folder=shown))
        else:
            found[str(path)] = Found(str(path), shown, named=True)
    return [*found.values()]


def _check(location: str) -> None:
    """FetchError unless there is something that may be looked at."""
    try:
        os.stat(location)  # noqa: PTH116  # a Path would take nothing for the current folder
    except FileNotFoundError as exc:
        raise FetchError(f"{location}: no such file or folder", "check the spelling") from exc
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else exc
        hint = "check the spelling and the permissions"
        raise FetchError(f"{location}: {why}", hint) from exc


def selected(found: Sequence[Found], patterns: Sequence[str]) -> Sequence[Found]:
    """The places whose release, or ``release/stack``, fits one of the patterns, if there are any.

    Only places of which the names are known before they are read are left out.
    """
    if not patterns:
        return found
    from fnmatch import fnmatchcase

    chosen = []
    for place in found:
        release = place.names.release or LOCAL
        keys = (release, f"{release}/{place.names.stack}")
        if not place.names.stack or any(fnmatchcase(key, p) for key in keys for p in patterns):
            chosen.append(place)
    if not chosen:
        known = sorted({f"{place.names.release or LOCAL}/{place.names.stack}" for place in found})
        shown = ", ".join([*known[:_SHOWN], *(["..."] if len(known) > _SHOWN else [])])
        raise UsageError(f"nothing fits --only {' '.join(patterns)}", f"there are {shown}")
    return chosen


def _in_folder(path: Path, shown: str, report: Report) -> Iterator[Found]:
    """What is in a folder that was named; one inside a build cache names that."""
    if path.absolute().name == "v3" and (path / "manifests").is_dir():
        shown = str(Path(shown).parent) if path.name else ".."
        path = path.absolute().parent
    elif path.absolute().name == "build_cache":
        yield from _layout_2(path, shown)
        return
    yield from _below(str(path), shown, report, ())


def _below(folder: str, shown: str, report: Report, below: tuple[str, ...]) -> Iterator[Found]:
    """The files below a folder in sorted order, so that an import is the same everywhere."""
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as exc:
        report(FetchError(f"{shown}: {exc.strerror}", "check its permissions"))
        return
    folders = {entry.name for entry in inside if entry.is_dir(follow_symlinks=False)}
    yield from _build_cache(folder, shown, folders)
    if ".spack-db" in folders:
        # Of an installation only its database is read: below it are the packages.
        index = Path(folder, ".spack-db", "index.json")
        yield Found(str(index), f"{shown}/.spack-db/index.json", named=True, below=below)
        return
    beside_page = any(entry.name == "index.md" for entry in inside)
    known = _OF_BUILD_CACHE if folders & {"blobs", "build_cache"} else frozenset()
    for entry in inside:
        location = f"{shown}/{entry.name}"
        if entry.name in folders:
            if not entry.name.startswith(".") and entry.name not in known:
                yield from _below(entry.path, location, report, (*below, entry.name))
        elif _is_file(entry) and not (beside_page and entry.name.startswith("spec-")):
            certain = plain_name(entry.name) in _CERTAIN
            yield Found(entry.path, location, named=certain, below=below)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file; a link that leads where nobody may look is none."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _build_cache(folder: str, shown: str, folders: Set[str]) -> Iterator[Found]:
    """The documents of the build cache that a folder is; of one in migration those of layout 3."""
    if {"v3", "blobs"} <= folders:
        yield from _layout_3(Path(folder), shown)
    elif "build_cache" in folders:
        yield from _layout_2(Path(folder, "build_cache"), f"{shown}/build_cache")


def _layout_2(folder: Path, shown: str) -> Iterator[Found]:
    """The index of a build cache of layout 1 or 2, or without one all of its spec files."""
    names = Names(stack=folder.absolute().parent.name)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    indexes = [path for path in files if plain_name(path.name) == "index.json"]
    for path in indexes:
        if path.parent == folder:
            yield Found(str(path), f"{shown}/{path.name}", named=True, below=(), names=names)
            return
    for path in files:
        if plain_name(path.name).endswith(_SPEC_FILES):
            location = f"{shown}/{path.relative_to(folder)}"
            yield Found(str(path), location, True, "", (), names, part_of=shown)


def _layout_3(folder: Path, shown: str) -> Iterator[Found]:
    """The manifests of the indexes of a build cache of layout 3; without one those of all specs."""
    manifests = folder / "v3" / "manifests"
    top = False
    for path in sorted((manifests / "index").rglob(_INDEX_MANIFEST)):
        stack = view(path)
        top = top or path.parent == manifests / "index"
        location = f"{shown}/{path.relative_to(folder)}"
        yield Found(str(path), location, True, "", (), Names(stack=stack))
    if top:
        return
    for path in sorted((manifests / "spec").rglob(f"*{_SPEC_MANIFEST}")):
        location = f"{shown}/{path.relative_to(folder)}"
        yield Found(str(path), location, True, "", (), Names(stack=ROOT), part_of=shown)


def _at_address(address: str) -> Iterator[Found]:
    """What is at an address: a file, or a build cache below it."""
    base = address.rstrip("/")
    path = PurePosixPath(base.partition("?")[0])
    if path.name.endswith(_ENDINGS) or "/blobs/" in address:
        yield Found(address, address, named=True)
        return
    inside = path.name in ("build_cache", "v3")
    root = path.parent if inside else path
    above = base.removesuffix(path.name).rstrip("/") if inside else base
    indexes = remote.join(above, "v3", "manifests", "index")
    tops = (
        (remote.join(indexes, _INDEX_MANIFEST), ROOT),
        (remote.join(above, "build_cache", "index.json"), root.name),
        (remote.join(base, "index.json"), root.name),
    )
    top, stack = next((found for found in tops if remote.exists(found[0])), ("", ""))
    listed = base[:5].lower() == "s3://"
    if top:
        yield Found(top, top, named=True, names=Names(stack=stack))
        for view_name in remote.folders(indexes) if stack == ROOT and listed else ():
            manifest = remote.join(indexes, view_name, _INDEX_MANIFEST)
            yield Found(manifest, manifest, named=True, names=Names(stack=view_name))
        return
    without_index = [*_in_bucket(above, root.name)] if listed else []
    yield from without_index
    if not without_index:
        if address.endswith("/") or not remote.exists(address):
            raise FetchError(
                f"{address}: neither a file nor a build cache",
                f"looked for {', '.join(path for path, _ in tops)}",
            )
        yield Found(address, address, named=True)


def _in_bucket(base: str, name: str) -> Iterator[Found]:
    """The specs of a build cache without an index, in a bucket that lists what is in it."""
    for inside, ending, stack in (
        (("v3", "manifests", "spec"), (_SPEC_MANIFEST,), ROOT),
        (("build_cache",), _SPEC_FILES, name),
    ):
        for path in sorted(remote.listing(remote.join(base, *inside))):
            if plain_name(path).endswith(ending):
                yield Found(path, path, True, "", (), Names(stack=stack), part_of=base)


def view(path: PurePath) -> str:
    """The view that the manifest of an index is of, or root; empty for any other file."""
    _, found, below = f"/{path.as_posix()}".rpartition("/v3/manifests/index/")
    return "-".join(below.split("/")[:-1]) or ROOT if found else ""


def plain_name(name: str) -> str:
    """The name of a file without the ending of its compression."""
    return next((name.removesuffix(end) for end in _COMPRESSED if name.endswith(end)), name)
