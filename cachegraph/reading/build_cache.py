"""The specs of a build cache by their files: manifests in layout 3, spec files in layout 2."""

import hashlib
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from cachegraph.errors import CacheGraphError, FetchError, FormatError
from cachegraph.model.spec import is_dag_hash
from cachegraph.reading import remote
from cachegraph.reading.secrets import without_secrets
from cachegraph.reading.walking import files_below
from cachegraph.sources import Document
from cachegraph.sources.files import read_file
from cachegraph.sources.manifest import archive_size

SPEC_MANIFEST = ".spec.manifest.json"
SPEC_FILES = (".spec.json", ".spec.json.sig", ".spec.yaml")
_MANIFESTS = "v3/manifests/spec"
_ARCHIVE = ".spack"
_HASH_LENGTH = 32
_LARGEST_MANIFEST = 16 << 20
# A bucket with more files than this is not compared with its index: listing it takes too long.
_MOST_LISTED = 20_000


class SpecFile(NamedTuple):
    """The path of a manifest or a spec file, and its location in messages."""

    path: str
    location: str
    below: str = ""
    """The folder out of which it must not lead; empty for an address."""


class Contents(NamedTuple):
    """What a build cache holds, by DAG hash."""

    files: dict[str, SpecFile]
    sizes: dict[str, int]
    """Bytes of the archives."""
    faults: dict[str, CacheGraphError]
    """Why some files could not be read."""
    digest: str
    """sha256 of the names of the files, and of the bytes that were read."""
    is_complete: bool
    """Whether each spec of the cache has a file; of old ``spec.yaml`` files that is not sure."""


class BuildCache:
    """The files of the specs in a build cache, which are read when they are first asked for."""

    def __init__(self, noun: str, read: Callable[[], Contents]) -> None:
        self.noun = noun
        """What the file of a spec is called: manifest, spec file."""
        self._read = read
        self._has_reported = False

    @cached_property
    def contents(self) -> Contents:
        """The files and the sizes of archives."""
        return self._read()

    def report_faults(self, report: Callable[[CacheGraphError], object]) -> None:
        """Reports why files could not be read, the first time it is called."""
        faults = () if self._has_reported else self.contents.faults.values()
        self._has_reported = True
        for fault in faults:
            report(fault)


def layout_3(folder: str, shown: str) -> BuildCache:
    """The specs with manifests below ``v3/manifests/spec`` of a build cache."""
    below = os.path.join(folder, _MANIFESTS)  # noqa: PTH118  # of many files
    return BuildCache("manifest", lambda: _read_manifests(folder, below, f"{shown}/{_MANIFESTS}"))


def layout_2(folder: str, shown: str) -> BuildCache:
    """The specs with files in the folder ``build_cache``, and the sizes of archives beside them."""
    return BuildCache("spec file", lambda: _read_spec_files(folder, shown))


def in_bucket(address: str, index: str) -> BuildCache:
    """The specs of a build cache in a bucket, given the address of its index.

    It is empty if the bucket cannot be listed, or has too many files.
    """
    if index.endswith(".manifest.json"):
        specs = remote.join(address, "v3", "manifests", "spec")
        return BuildCache("manifest", lambda: _list_bucket(specs, (SPEC_MANIFEST,)))
    files = remote.join(address, "build_cache")
    return BuildCache("spec file", lambda: _list_bucket(files, SPEC_FILES))


def dag_hash_in(name: str) -> str:
    """The DAG hash at the end of the name of a spec's file or archive; empty if there is none."""
    stem = next((name.removesuffix(e) for e in _ENDINGS if name.endswith(e)), "")
    before, hash_ = stem[:-_HASH_LENGTH], stem[-_HASH_LENGTH:]
    return hash_ if is_dag_hash(hash_) and before[-1:] in ("", "-") else ""


_ENDINGS = (SPEC_MANIFEST, *SPEC_FILES, _ARCHIVE)


def _read_manifests(cache: str, folder: str, shown: str) -> Contents:
    contents = Contents({}, {}, {}, "", is_complete=True)
    digest = hashlib.sha256()
    for name, path in files_below(folder):
        if not name.endswith(SPEC_MANIFEST):
            continue
        location = f"{shown}/{name}"
        hash_ = _hash_or_fault(contents, location)
        digest.update(name.encode(errors="surrogateescape"))
        try:
            data = read_file(path, _LARGEST_MANIFEST, cache)
            digest.update(data)
            size = archive_size(Document(location, path, data))
        except OSError as exc:
            contents.faults[location] = FetchError(
                f"{location}: {exc.strerror}", "check what it is, and its permissions"
            )
        except FormatError as exc:
            contents.faults[location] = exc
        else:
            if hash_ and size is not None:
                contents.sizes[hash_] = size
        if hash_:
            contents.files[hash_] = SpecFile(path, location, cache)
    return contents._replace(digest=digest.hexdigest())


def _read_spec_files(folder: str, shown: str) -> Contents:
    contents = Contents({}, {}, {}, "", is_complete=False)
    digest = hashlib.sha256()
    for name, path in files_below(folder):
        if not name.endswith((*SPEC_FILES, _ARCHIVE)):
            continue
        hash_ = _hash_or_fault(contents, f"{shown}/{name}")
        try:
            size = os.stat(path).st_size  # noqa: PTH116
        except OSError:
            continue
        digest.update(f"{name} {size}\n".encode(errors="surrogateescape"))
        if name.endswith(_ARCHIVE):
            if hash_ and size:
                contents.sizes[hash_] = size
        elif hash_:
            contents.files[hash_] = SpecFile(path, f"{shown}/{name}", folder)
    return _completed(contents, digest.hexdigest())


def _list_bucket(address: str, endings: tuple[str, ...]) -> Contents:
    contents = Contents({}, {}, {}, "", is_complete=False)
    try:
        listed = remote.list_files(address, _MOST_LISTED + 1)
    except FetchError:
        return contents  # as in a bucket that only gives its files
    if len(listed) > _MOST_LISTED:
        return contents
    for path in sorted(path for path in listed if path.endswith(endings)):
        if hash_ := dag_hash_in(PurePosixPath(path).name):
            contents.files[hash_] = SpecFile(path, without_secrets(path))
    digest = hashlib.sha256("".join(sorted(contents.files)).encode())
    return _completed(contents, digest.hexdigest())


def _completed(contents: Contents, digest: str) -> Contents:
    paths = (file.path for file in contents.files.values())
    is_complete = any(not path.endswith(".spec.yaml") for path in paths)
    return contents._replace(digest=digest, is_complete=is_complete)


def _hash_or_fault(contents: Contents, location: str) -> str:
    hash_ = dag_hash_in(location.rpartition("/")[2])
    if not hash_:
        message = f"{location}: expected a DAG hash at the end of its name; left out"
        contents.faults[location] = FormatError(message)
    return hash_
