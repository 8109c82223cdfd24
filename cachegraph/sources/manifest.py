"""A manifest in a build cache of layout 3, which refers to the blob with a spec or an index."""

import re
from typing import Any, NamedTuple

from cachegraph.errors import FormatError
from cachegraph.sources import Document
from cachegraph.sources.jsontext import first_key, parse_json

_SPEC = "application/vnd.spack.spec."
_INDEX = "application/vnd.spack.db."
_is_checksum = re.compile(r"[0-9a-f]{16,128}").fullmatch
_is_algorithm = re.compile(r"[a-z0-9]+").fullmatch


class BlobReference(NamedTuple):
    """The path of a blob in its build cache, and its checksum."""

    path: tuple[str, ...]
    algorithm: str
    checksum: str


def accepts(document: Document) -> bool:
    """Whether the text is an object with ``data`` of Spack's media types."""
    return first_key(document.data) in ("version", "data") and b"mediaType" in document.data


def read_reference(document: Document) -> BlobReference:
    """The reference to the blob of the spec or index."""
    manifest = parse_json(document)
    try:
        entry = next(e for e in manifest["data"] if e["mediaType"].startswith((_SPEC, _INDEX)))
        algorithm, checksum = entry["checksumAlgorithm"], entry["checksum"]
    except (KeyError, TypeError, AttributeError, StopIteration) as exc:
        message = f"{document.location}: a manifest without a spec or an index in its data"
        raise FormatError(message) from exc
    if not (_fits(_is_checksum, checksum) and _fits(_is_algorithm, algorithm)):
        raise FormatError(f"{document.location}: checksum: found {algorithm!r}, {checksum!r}")
    return BlobReference(("blobs", algorithm, checksum[:2], checksum), algorithm, checksum)


def _fits(fullmatch: Any, value: Any) -> bool:
    return isinstance(value, str) and fullmatch(value) is not None
