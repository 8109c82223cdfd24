"""Reads the bytes of files and addresses, and the blobs that manifests refer to."""

import errno
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import PurePath

from cachegraph.environment import largest_document
from cachegraph.errors import CacheGraphError, FetchError, FormatError
from cachegraph.reading import downloads, remote
from cachegraph.reading.build_cache import dag_hash_in
from cachegraph.reading.decompress import decompress
from cachegraph.reading.discover import Place
from cachegraph.reading.locations import LARGER, largest
from cachegraph.reading.text import is_plain, plain_text
from cachegraph.sources import Document, ErrorHandler, index, large_object, manifest
from cachegraph.sources.files import check_below, open_file, read_all
from cachegraph.sources.jsontext import OBJECT_HEAD
from cachegraph.sources.parts import FileText

_HINTS = {
    errno.ENOENT: "check its spelling",
    errno.EINVAL: "check what it is",
    errno.EFBIG: LARGER,
    errno.ELOOP: "put the file itself in its place, or import it by its own path",
}


def read_bytes(place: Place, size: int | None = None) -> bytes:
    """The first bytes of a file, or all of them."""
    if place.data is not None:
        return place.data[:size]
    if remote.is_remote(place.path):
        return downloads.read(place.path, limit=largest(), named_by=place.named_by)
    try:
        if place.below:
            check_below(place.path, place.below)
        descriptor = open_file(place.path)  # takes a third less time than open()
        try:
            return os.read(descriptor, size) if size else read_all(descriptor, largest())
        finally:
            os.close(descriptor)
    except OSError as exc:
        raise _unreadable(place, exc) from exc


def _unreadable(place: Place, exc: OSError) -> FetchError:
    hint = _HINTS.get(exc.errno or 0, "check its permissions")
    return FetchError(f"{place.location}: {exc.strerror}", hint)


def decompressed(place: Place, data: bytes) -> Document:
    """The document of a file's bytes."""
    digest = hashlib.sha256(data).hexdigest()
    text = plain_text(place.location, decompress(place.location, data, largest()))
    return Document(place.location, place.path, text, digest)


def large_file(place: Place) -> Document | None:
    """A large index that is to be read in parts; None for all else.

    That is a file of plain text: what is compressed or signed is in memory.
    """
    try:
        size = os.path.getsize(place.path)  # noqa: PTH202  # pathlib takes longer
    except OSError:
        return None
    is_allowed = size <= (largest_document() or size)
    if place.data is not None or size <= large_object.LARGE or not is_allowed:
        return None
    document = Document(place.location, place.path, read_bytes(place, OBJECT_HEAD))
    if not is_plain(document.data) or not index.accepts(document):
        return None
    try:
        file = FileText(place.path, place.location, largest())
        return document._replace(file=file, digest=file.digest())
    except OSError as exc:
        raise _unreadable(place, exc) from exc


def read_blob(
    place: Place, document: Document, check: Callable[[Document], object], report: ErrorHandler
) -> Document:
    """The spec of a manifest, or its newest index that can be read; reports what is left out.

    ``check`` raises FormatError for a blob that is no document.
    """
    content = manifest.read_manifest(document)
    faults: list[CacheGraphError] = [*content.faults]
    for blob in content.blobs:
        try:
            found = _read_checked(place, blob)
            check(found)
        except CacheGraphError as exc:
            faults.append(exc)
            continue
        for fault in faults:
            message = f"{fault.message}; read its {blob.media_type} instead"
            report(type(fault)(message, fault.hint))
        hash_ = dag_hash_in(PurePath(place.path).name)
        if content.size is None or not hash_:
            return found
        return _with_sizes(found, {hash_: content.size}, str(content.size))
    for fault in faults[1:]:
        report(fault)
    raise faults[0]


def with_sizes_of_cache(place: Place, document: Document, report: ErrorHandler) -> Document:
    """The document with the sizes of the archives in its build cache, if its place has one.

    Reports which other files of the build cache could not be read, unless it is one of them.
    """
    if place.cache is None or not place.cache.contents.files:
        return document
    contents = place.cache.contents
    if place.build_cache:
        hash_ = dag_hash_in(PurePath(place.path).name)
        size = contents.sizes.get(hash_)
        return document if size is None else _with_sizes(document, {hash_: size}, str(size))
    place.cache.report_faults(report)
    return _with_sizes(document, contents.sizes, contents.digest)


def _with_sizes(document: Document, sizes: Mapping[str, int], digest: str) -> Document:
    """The document with sizes of archives, and a digest that covers them by their own."""
    combined = hashlib.sha256(f"{document.digest} {digest}".encode()).hexdigest()
    return document._replace(digest=combined, sizes=sizes)


def _read_checked(place: Place, blob: manifest.BlobReference) -> Document:
    """The blob that a manifest refers to; FormatError if its checksum is another."""
    where = place.path if remote.is_remote(place.path) else os.path.abspath(place.path)  # noqa: PTH100
    base, found, _ = where.replace(os.sep, "/").rpartition("/v3/manifests/")
    if not found:
        message = f"{place.location}: a manifest outside of its build cache"
        raise FormatError(message, "import the folder that holds v3 and blobs")
    path = "/".join((base, *blob.path))
    location = f"{place.location} ({'/'.join(blob.path)})"
    below = "" if remote.is_remote(path) else base
    data = read_bytes(place._replace(path=path, location=location, below=below))
    try:
        checksum = hashlib.new(blob.algorithm, data).hexdigest()
    except (ValueError, TypeError) as exc:
        raise FormatError(f"{place.location}: unknown checksum {blob.algorithm}") from exc
    if checksum != blob.checksum:
        difference = f"{checksum}, not {blob.checksum}"
        message = f"{place.location}: its blob has another checksum: {difference}"
        raise FormatError(message, "the blob is damaged: fetch it again")
    return decompressed(place, data)._replace(path=path)
