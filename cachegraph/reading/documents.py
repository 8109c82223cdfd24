"""Reads the documents at the places that were discovered: their bytes, format and names."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

from cachegraph.errors import CacheGraphError, FetchError, FormatError
from cachegraph.model.spec import Scope
from cachegraph.model.utf8_text import utf8_text
from cachegraph.reading import remote
from cachegraph.reading.blobs import (
    decompressed,
    large_file,
    read_blob,
    read_bytes,
    with_sizes_of_cache,
)
from cachegraph.reading.build_cache import BuildCache, SpecFile
from cachegraph.reading.decompress import ZSTD_BLOCK, ZSTD_MAGIC, decompress_head
from cachegraph.reading.discover import LOOKED_FOR, Place, index_view, uncompressed_name
from cachegraph.reading.prefixes import METADATA
from cachegraph.reading.text import beginning_of_text
from cachegraph.sources import Document, ErrorHandler, Source, StackNames, manifest
from cachegraph.sources.jsontext import OBJECT_HEAD, parse_json
from cachegraph.sources.registry import NO_INDEX, SOURCES
from cachegraph.sources.unexpected import unexpected_errors

_HEAD = 8 << 10
_FOLDERS_WITHIN = ("build_cache", ".spack-db", METADATA)
_PAGES = SOURCES[0]
_PAGE_NAMES = tuple(f"{os.sep}{name}" for name in _PAGES.file_names)
_FORMAT_ENDINGS = (".sig", ".json", ".yaml", ".lock", ".manifest", ".spec")


class FoundDocument(NamedTuple):
    """A document and the source that reads it."""

    document: Document
    source: Source
    cache: BuildCache | None = None
    """The build cache that the document is the top index of, if its files can be listed."""


HeldScope = Callable[[Document, Source], Scope | None]
"""The scope that a document lists, if the graph holds exactly that; else None."""


def read_documents(
    places: Iterable[Place],
    user_names: StackNames,
    report: ErrorHandler,
    incomplete: set[str],
    held: HeldScope | None = None,
) -> Iterator[FoundDocument | None]:
    """For each place, its document; None if it is not a document.

    Adds to ``incomplete`` the build caches that lack a document. At the end reports the folders
    that contain no document at all, not even a bad one.
    """
    is_empty: dict[str, bool] = {}
    for place in places:
        document, empty = None, False
        try:
            with unexpected_errors(place.location):
                document = _read_document(place, user_names, report, held)
            empty = document is None
        except CacheGraphError as exc:
            report(exc)
            document = _without_index(place, user_names, report)
            if document is None:
                incomplete.add(place.build_cache)
        is_empty[place.folder] = empty and is_empty.get(place.folder, True)
        yield document
    for folder, empty in is_empty.items():
        if empty and folder:
            report(FetchError(f"{folder}: nothing to import in this folder", LOOKED_FOR))


def read_spec_file(
    file: SpecFile, index: Document, report: ErrorHandler
) -> tuple[Document, Source]:
    """The document of a spec in the build cache of an index, and the source that reads it."""
    place = Place(
        file.path,
        file.location,
        is_document=True,
        names=index.path_names,
        build_cache=index.location,
        below=file.below,
    )
    document, source, _ = _read_whole(place, index.user_names, report)
    return document, source


def _read_document(
    place: Place, user_names: StackNames, report: ErrorHandler, held: HeldScope | None
) -> FoundDocument | None:
    if not place.is_document and not _begins_as_document(place):
        return None
    if held is None:
        return _read_whole(place, user_names, report)
    if place.path.endswith(_PAGE_NAMES) and not remote.is_remote(place.path):
        data = read_bytes(place)
        if page := _held_page(place, data, user_names, held):
            return page
        place = place._replace(data=data)
    found = _read_whole(place, user_names, report)
    document = found.document._replace(held=held(found.document, found.source))
    return found._replace(document=document)


def _held_page(
    place: Place, data: bytes, user_names: StackNames, held: HeldScope
) -> FoundDocument | None:
    """A page that the graph holds: only its digest and its first lines are looked at.

    To import a folder of pages again takes little more than this.
    """
    digest, location = hashlib.sha256(data).hexdigest(), utf8_text(place.location)
    scope = held(Document(location, place.path, data, digest, user_names), _PAGES)
    if scope is None:
        return None
    document = Document(location, place.path, b"", digest, user_names, held=scope)
    return FoundDocument(document, _PAGES)


def _read_whole(place: Place, user_names: StackNames, report: ErrorHandler) -> FoundDocument:
    document = large_file(place) or decompressed(place, read_bytes(place))
    if manifest.accepts(document):
        document = read_blob(place, document, partial(_source_of, place), report)
    source = _source_of(place, document)
    names = place.names if place.names.stack else names_from_path(place, source)
    document = document._replace(
        location=utf8_text(document.location),
        user_names=user_names,
        path_names=names.as_text(),
        build_cache=utf8_text(place.build_cache),
    )
    document = with_sizes_of_cache(place, document, report)
    is_compared = place.is_top and place.cache is not None and place.cache.contents.files
    return FoundDocument(document, source, place.cache if is_compared else None)


def _without_index(
    place: Place, user_names: StackNames, report: ErrorHandler
) -> FoundDocument | None:
    """A build cache of which the top index cannot be read, if it has other files."""
    if place.cache is None or not place.is_top or not place.cache.contents.files:
        return None
    names = user_names, place.names.as_text()
    document = Document(utf8_text(place.location), place.path, b"", "", *names)
    return FoundDocument(with_sizes_of_cache(place, document, report), NO_INDEX, place.cache)


def _source_of(place: Place, document: Document) -> Source:
    for source in SOURCES:
        if source.accepts(document):
            return source
    if document.data.lstrip().startswith((b"{", b"[")) and b"\0" not in document.data:
        parse_json(document)  # FormatError with the place, if it is not JSON
    name = uncompressed_name(os.path.basename(place.path))  # noqa: PTH119
    raise FormatError(f"{place.location}: {_describe_unknown(document.data, name)}", LOOKED_FOR)


def _begins_as_document(place: Place) -> bool:
    data = read_bytes(place, _HEAD)
    if data.startswith(ZSTD_MAGIC):
        data = read_bytes(place, ZSTD_BLOCK)
    head = decompress_head(data, _HEAD)
    if _is_accepted(place, head):
        return True
    # The key that tells may come after others, and after messages of Spack.
    is_cut = len(head) == _HEAD and beginning_of_text(head).lstrip().startswith((b"{", b"==> "))
    return is_cut and _is_accepted(
        place, decompress_head(read_bytes(place, OBJECT_HEAD), OBJECT_HEAD)
    )


def _is_accepted(place: Place, head: bytes) -> bool:
    beginning = Document(place.location, place.path, beginning_of_text(head))
    return any(source.accepts(beginning) for source in SOURCES)


def names_from_path(place: Place, source: Source) -> StackNames:
    """The stack, and perhaps the release, that follow from the path of a document."""
    if place.subfolders and os.path.basename(place.path) in source.file_names:  # noqa: PTH119
        # As below, without parsing the path: a checkout of the site has thousands of pages.
        return StackNames("/".join(place.subfolders[:-1]) or None, place.subfolders[-1])
    path = _absolute_path(place.path)
    folder = path.parent.parent if path.parent.name in _FOLDERS_WITHIN else path.parent
    if source.stack_named_by_folder:
        return StackNames(stack=index_view(path) or folder.name)
    if path.parent.name == METADATA:
        return StackNames(stack=folder.name)
    names = [*(place.subfolders or ())]
    if uncompressed_name(path.name) not in source.file_names:
        names.append(_stem(path.name))
    if not names:
        return StackNames(stack=folder.name)
    return StackNames("/".join(names[:-1]) or None, names[-1])


def _absolute_path(path: str) -> PurePath:
    """The absolute path of a file, or the path in an address."""
    if not remote.is_remote(path):
        return Path(os.path.abspath(path))  # noqa: PTH100  # a path through .. has names
    from urllib.parse import unquote, urlsplit

    return PurePosixPath(unquote(urlsplit(path).path))


def _stem(name: str) -> str:
    """The name of a file without the endings of its format."""
    stem = uncompressed_name(name)
    for ending in _FORMAT_ENDINGS:
        stem = stem.removesuffix(ending) or stem
    return stem


def _describe_unknown(data: bytes, name: str) -> str:
    """What a file of that name appears to be, which no source accepts."""
    text = data.lstrip()
    first = text.partition(b"\n")[0][:40].decode(errors="backslashreplace")
    begins = f"it begins with {first!r}"
    is_yaml = (
        text.startswith((b"spack:", b"# This is a Spack Environment")) or b"\nspack:\n" in data
    )
    descriptions = (
        (not text, "the file is empty"),
        (b"\0" in data, "a binary file, not a page and no JSON"),
        (text[:1] == b"<", f"HTML or XML, not JSON: {begins}"),
        (text.startswith(b"==> "), f"messages of Spack without JSON after them: {begins}"),
        (is_yaml, "an environment's spack.yaml, not its lock file (spack concretize writes that)"),
        (
            text[:1] == b"{" and b'"schemaVersion"' in text[:_HEAD],
            "an OCI manifest, not the config blob that it names, which has the spec",
        ),
        (text[:1] in (b"{", b"["), f"JSON, but none of Spack's: {begins}"),
        (name.endswith((".lock", ".json", ".sig")), f"line 1: not JSON: found {first!r}"),
        (
            data.startswith(b"---") and not text.startswith(b"-----BEGIN"),
            "front matter, but not of a page: no spec_details, meta or categories",
        ),
        (
            name.endswith(".md"),
            f"line 1: no front matter: expected '---', found {first!r}",
        ),
        (True, f"nothing that Spack writes: {begins}"),
    )
    return next(description for applies, description in descriptions if applies)
