"""A manifest of a build cache of layout 3: it names the blob that holds a spec or an index."""

import re
from typing import Any, NamedTuple

from cachegraph.errors import FormatError
from cachegraph.sources import Document
from cachegraph.sources.jsontext import first_key, parse

_SPEC = "application/vnd.spack.spec."
_INDEX = "application/vnd.spack.db."
_CHECKSUM = re.compile(r"[0-9a-f]{16,128}").fullmatch
_ALGORITHM = re.compile(r"[a-z0-9]+").fullmatch


class Blob(NamedTuple):
    """Where the content is, from the folder of the build cache, and how to know it."""

    path: tuple[str, ...]
    algorithm: str
    checksum: str


def accepts(document: Document) -> bool:
    """Whether the text is an object with ``data`` of Spack's media types."""
    return first_key(document.data) in ("version", "data") and b"mediaType" in document.data


def blob(document: Document) -> Blob:
    """The blob of the spec or of the index that the manifest is of."""
    manifest = parse(document)
    try:
        entry = next(e for e in manifest["data"] if e["mediaType"].startswith((_SPEC, _INDEX)))
        algorithm, checksum = entry["checksumAlgorithm"], entry["checksum"]
    except (KeyError, TypeError, AttributeError, StopIteration) as exc:
        raise FormatError(
            f"{document.location}: a manifest without a spec or an index in its data"
        ) from exc
    if not (_matches(_CHECKSUM, checksum) and _matches(_ALGORITHM, algorithm)):
        raise FormatError(f"{document.location}: checksum: found {algorithm!r}, {checksum!r}")
    return Blob(("blobs", algorithm, checksum[:2], checksum), algorithm, checksum)


def _matches(pattern: Any, value: Any) -> bool:
    return isinstance(value, str) and pattern(value) is not None
