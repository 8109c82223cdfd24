"""What a location names besides an address of ``remote``: a path, file://, or standard input."""

import os
import re
import sys
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from cachegraph.environment import largest_document
from cachegraph.errors import FetchError, UsageError
from cachegraph.reading.secrets import shown_as_typed, without_secrets

STANDARD_INPUT = "-"
LARGEST = 1 << 30
LARGER = "if it is what you mean, set CACHEGRAPH_LARGEST to more MiB"
# A larger pipe is kept in a temporary file until it ends.
_IN_MEMORY = 16 << 20
_CHUNK = 1 << 20
_READ = "files, folders, - for standard input, and file://, http(s):// and s3:// addresses"
_FILE = re.compile(r"file:(?://([^/]*))?(?=/|$)", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_VARIABLE = re.compile(r"/*(\$\w+|\$\{\w+\})")
_EXAMPLE = "such as: spack find --json | cachegraph import - --stack NAME"
# Spack keeps the indexes that it fetches, each in one file.
_LET_SPACK_FETCH = (
    "let Spack fetch its index (spack mirror add NAME {location}; spack buildcache list --allarch) "
    "and import the new .json file in ~/.spack/cache/indices with --stack NAME"
)
_COPY = "import a copy of it: scp -r {host}:/{path} FOLDER"
_INSTEAD = {
    "oci": _LET_SPACK_FETCH,
    "gs": f"try https://storage.googleapis.com/{{host}}/{{path}}, or {_LET_SPACK_FETCH}",
    "ssh": _COPY,
    "sftp": _COPY,
}


def local_path(location: str) -> str:
    """The path that a location names; a location that is no address is a path.

    UsageError for addresses that cannot be read, with what to do instead; FetchError for a file://
    address without the path of a file on this machine.
    """
    if address := _FILE.match(location):
        host = (address[1] or "").rpartition("@")[2]
        return _path_of_file(without_secrets(location), host, location[address.end() :])
    if scheme := _SCHEME.match(location):
        name = scheme[1].lower()
        has_password = ":" in location[scheme.end() :].partition("@")[0]
        is_user = has_password or name in ("ssh", "sftp")  # else it may be a token
        shown = without_secrets(location, keep_user=is_user)
        host, _, path = shown[scheme.end() :].partition("/")
        instead = _INSTEAD.get(name, "download it, and import the file or the folder")
        hint = instead.format(location=shown, host=host, path=path)
        raise UsageError(f"{shown}: {name}:// addresses cannot be read, only {_READ}", hint)
    return location


def _path_of_file(location: str, host: str, path: str) -> str:
    """The path in a file:// address, as ``mirrors.yaml`` has them."""
    if variable := _VARIABLE.match(host or path):
        message = f"{location}: {variable[1]} is a variable of Spack's configuration"
        raise FetchError(message, "write the path; spack location -r prints that of $spack")
    if host.lower() not in ("", "localhost"):
        message = f"{location}: a file of the host {host}, not of this machine"
        raise FetchError(message, "write file:///PATH with three slashes, or only the path")
    if not path:
        raise FetchError(f"{location}: the path is missing", "write file:///PATH")
    return unquote(path)


def check_exists(path: str) -> None:
    """FetchError, with the reason, if there is no file or folder at a path."""
    try:
        os.stat(path)  # noqa: PTH116  # a Path would read "" as the current folder
    except FileNotFoundError as exc:
        shown = shown_as_typed(path)
        raise FetchError(f"{shown}: no such file or folder", "check the spelling") from exc
    except (OSError, ValueError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else exc
        message = f"{shown_as_typed(path)}: {why}"
        raise FetchError(message, "check the spelling and the permissions") from exc


def largest() -> int:
    """Bytes of the largest document that is read: ``LARGEST``, or what the user has set."""
    return largest_document() or LARGEST


def read_standard_input() -> bytes:
    """All that is piped into the program; FetchError if that is more than ``largest()`` bytes.

    UsageError if it is a terminal, where nothing would come.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise FetchError("standard input is closed", _EXAMPLE)
    if sys.stdin.isatty():
        raise UsageError("standard input is a terminal: pipe a file or a command into it", _EXAMPLE)
    try:
        return _read_all("standard input", sys.stdin.buffer)
    except OSError as exc:
        raise FetchError(f"standard input: {exc.strerror or exc}", _EXAMPLE) from exc


def read_pipe(path: Path) -> bytes:
    """All that comes from what is no file but was named by the user, such as ``/dev/stdin``."""
    try:
        with path.open("rb") as stream:
            return _read_all(str(path), stream)
    except OSError as exc:
        raise FetchError(f"{path}: {exc.strerror or exc}", "check its permissions") from exc


def _read_all(shown: str, stream: IO[bytes]) -> bytes:
    from tempfile import SpooledTemporaryFile

    most = largest()
    with SpooledTemporaryFile(_IN_MEMORY) as data:
        while chunk := stream.read(_CHUNK):
            data.write(chunk)
            if data.tell() > most:
                raise FetchError(f"{shown}: larger than {most >> 20} MiB", LARGER)
        data.seek(0)
        return data.read()
