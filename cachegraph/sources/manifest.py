"""A manifest in a build cache of layout 3, which refers to the blobs of a spec or of indexes."""

import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from cachegraph.errors import FormatError, quoted
from cachegraph.sources import Document
from cachegraph.sources.jsontext import first_key, parse_json

_NEWEST = {"spec": 6, "db": 9}
_ARCHIVE = "install"
_LARGEST_SIZE = (1 << 63) - 1
_media_type = re.compile(
    r"application/vnd\.spack\.(spec|db|install)\.v(\d{1,9})\b", re.IGNORECASE
).match
_is_number = re.compile(r"[0-9]{1,19}").fullmatch
_is_checksum = re.compile(r"[0-9a-f]{16,128}").fullmatch
_is_algorithm = re.compile(r"[a-z0-9]+").fullmatch


class BlobReference(NamedTuple):
    """The path of a blob in its build cache, its checksum, and what the manifest says it is."""

    path: tuple[str, ...]
    algorithm: str
    checksum: str
    media_type: str
    version: int


class Manifest(NamedTuple):
    """The blobs that a manifest refers to; ``size`` is that of the archive in bytes, if it says."""

    blobs: list[BlobReference]
    """The spec, or the indexes, that can be read: the newest version first."""
    faults: list[FormatError]
    """Specs and indexes that cannot be read, such as those of newer versions."""
    size: int | None


class _Entry(NamedTuple):
    """An entry of a manifest that has a media type of Spack's."""

    kind: str
    version: int
    fields: Any


def accepts(document: Document) -> bool:
    """Whether the text is an object with ``data`` of Spack's media types."""
    return first_key(document.data) in ("version", "data") and b"mediaType" in document.data


def read_manifest(document: Document) -> Manifest:
    """The blobs of the spec or of the indexes; FormatError if none can be read."""
    entries = [*_entries(document)]
    blobs: list[BlobReference] = []
    faults: list[FormatError] = []
    for kind, version, fields in entries:
        if kind == _ARCHIVE:
            continue
        if version > _NEWEST[kind]:
            what = f"media type {fields['mediaType']}"
            faults.append(document.newer_version(what, _NEWEST[kind]))
            continue
        algorithm, checksum = fields.get("checksumAlgorithm"), fields.get("checksum")
        if _fits(_is_checksum, checksum) and _fits(_is_algorithm, algorithm):
            path = ("blobs", algorithm, checksum[:2], checksum)
            blobs.append(BlobReference(path, algorithm, checksum, fields["mediaType"], version))
        else:
            message = (
                f"{document.location}: checksum: found {quoted(algorithm)}, {quoted(checksum)}"
            )
            faults.append(FormatError(message))
    if not blobs:
        message = f"{document.location}: a manifest without a spec or an index in its data"
        raise faults[0] if faults else FormatError(message)
    blobs.sort(key=attrgetter("version"), reverse=True)
    return Manifest(blobs, faults, _archive_size(entries))


def archive_size(document: Document) -> int | None:
    """The bytes of the archive, None if it names none; FormatError for what is no manifest.

    Of several archives it is the one that Spack takes: the first of the newest version.
    """
    entries = [*_entries(document)]
    size = _archive_size(entries)
    if size is None and (found := _archive(entries)) is not None:
        length = found.fields.get("contentLength")
        raise FormatError(
            f"{document.location}: contentLength of the archive: found {quoted(length)}"
        )
    return size


def _entries(document: Document) -> Iterator[_Entry]:
    """The entries with media types of Spack's, in any case and with any parameters."""
    value = parse_json(document)
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        raise FormatError(f"{document.location}: not a manifest: expected a list as its data")
    for fields in data:
        media_type = fields.get("mediaType") if isinstance(fields, dict) else None
        if isinstance(media_type, str) and (match := _media_type(media_type)):
            yield _Entry(match[1].lower(), int(match[2]), fields)


def _archive(entries: list[_Entry]) -> _Entry | None:
    archives = (entry for entry in entries if entry.kind == _ARCHIVE)
    return max(archives, key=attrgetter("version"), default=None)


def _archive_size(entries: list[_Entry]) -> int | None:
    archive = _archive(entries)
    length = archive.fields.get("contentLength") if archive else None
    if isinstance(length, str) and _is_number(length):
        length = int(length)
    is_size = type(length) is int and 0 < length <= _LARGEST_SIZE  # none is empty
    return length if is_size else None


def _fits(fullmatch: Any, value: Any) -> bool:
    return isinstance(value, str) and fullmatch(value) is not None
