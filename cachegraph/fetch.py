"""Finds and reads what a location names: a file, or the pages below a folder."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cachegraph.errors import CacheGraphError, FetchError, FormatError
from cachegraph.sources import Document, Report, Source, page

_HEAD = 8 << 10
_LARGEST = 1 << 30
# Files that are pages whatever is in them: a bad one is reported, not passed over.
_PAGE = "specs.md"
SOURCES: tuple[Source, ...] = (page,)
SAMPLE = Path(__file__).with_name("sample")


class Found(NamedTuple):
    """A file that may be a document; one found below a folder may turn out to be something else."""

    path: str
    location: str
    named: bool
    folder: str = ""
    """The location below which it was found; empty for one that was named itself."""


def discover(locations: Iterable[str | os.PathLike[str]], report: Report) -> list[Found]:
    """The files that the locations name, each once; a location that is not there is an error."""
    found: dict[str, Found] = {}
    for location in locations:
        path = Path(location)
        shown = str(location)
        shown = "sample" if path == SAMPLE else shown.rstrip("/") or "/"
        if path.is_dir():
            below = [*_below(str(path), shown, report)]
            if not below:
                report(FetchError(f"{shown}: no files in this folder", WANTED))
            for file in below:
                found.setdefault(file.path, file._replace(folder=shown))
        elif path.exists():
            found[str(path)] = Found(str(path), shown, named=True)
        else:
            raise FetchError(f"{shown}: no such file or folder", "check the spelling")
    return [*found.values()]


WANTED = "looked for pages: specs.md, or text that begins with '---' and has spec_details"


def _below(folder: str, shown: str, report: Report) -> Iterator[Found]:
    """The files below a folder in sorted order, so that an import is the same everywhere."""
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as exc:
        report(FetchError(f"{shown}: {exc.strerror}", "check its permissions"))
        return
    for entry in inside:
        location = f"{shown}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith("."):
                yield from _below(entry.path, location, report)
        elif entry.is_file():
            yield Found(entry.path, location, named=entry.name == _PAGE)


def documents(found: Iterable[Found], report: Report) -> Iterator[tuple[Document, Source] | None]:
    """Each file's document and the source that reads it, or None for a file that is none.

    Says at the end which folders had no page in them, good or bad.
    """
    without: dict[str, bool] = {}
    for file in found:
        document = None
        try:
            document = _document(file)
        except CacheGraphError as exc:
            without[file.folder] = False
            report(exc)
        if document is None:
            without.setdefault(file.folder, True)
        else:
            without[file.folder] = False
        yield document
    for folder, is_without in without.items():
        if is_without:
            report(FetchError(f"{folder}: no page in this folder", WANTED))


def _document(file: Found) -> tuple[Document, Source] | None:
    try:
        # Of a file found below a folder the beginning tells whether to read on.
        data = _read(file, None if file.named else _HEAD)
        document = Document(file.location, file.path, data)
        source = next((source for source in SOURCES if source.accepts(document)), None)
        if source is not None and not file.named:
            document = document._replace(data=_read(file, None))
    except OSError as exc:
        raise FetchError(f"{file.location}: {exc.strerror}", "check its permissions") from exc
    if source is not None:
        return document, source
    if not file.named:
        return None
    raise FormatError(f"{file.location}: {_unlike(data)}", WANTED)


def _read(file: Found, size: int | None) -> bytes:
    """The first bytes of a file, or all of them."""
    with open(file.path, "rb", buffering=0) as stream:  # noqa: PTH123  # of many files
        if os.fstat(stream.fileno()).st_size > _LARGEST:
            raise FetchError(f"{file.location}: larger than {_LARGEST >> 20} MiB")
        return stream.readall() if size is None else stream.read(size) or b""


def _unlike(data: bytes) -> str:
    """What a file that no source accepts looks like."""
    if not data:
        return "the file is empty"
    if b"\0" in data:
        return "a binary file, not a page"
    first = data.partition(b"\n")[0][:40].decode(errors="backslashreplace")
    if not data.startswith(b"---"):
        return f"line 1: no front matter: expected '---', found {first!r}"
    return "front matter, but not of a page: no spec_details, meta or categories"
