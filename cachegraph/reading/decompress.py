"""Undoes the compression of whole files: gzip, zstd and xz, told by their first bytes.

What a file holds is not looked at here, and nothing is read.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cachegraph.errors import FetchError, FormatError

if TYPE_CHECKING:
    from zstandard import ZstdDecompressionObj

# A mirror's blob is compressed once, and a copy of it perhaps once more.
_LAYERS = 2
# Compressed bytes at a time. Four bytes of zstd make up to 128 KiB: this many, at most 32 MiB.
_STEP = 1 << 10
# More than zstd needs of an inner layer to begin.
_BLOCK = 256 << 10
_ZEROS = re.compile(rb"\0*")
_AGAIN = "fetch it again"


class _Engine(Protocol):
    """What zlib, lzma and zstandard have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: memoryview, max_length: int, /) -> bytes: ...


class _Kind(NamedTuple):
    name: str
    magic: re.Pattern[bytes]
    engine: Callable[[], _Engine]


def plain(location: str, data: bytes, limit: int) -> bytes:
    """The bytes without their compression, or as they are if they have none.

    Stops with FetchError as soon as they are more than ``limit``; a stream that is damaged or
    ends too early is a FormatError.
    """
    for _ in range(_LAYERS):
        kind = _kind(data)
        if kind is None:
            break
        data = _undone(location, kind, data, limit)
    return data


def head(data: bytes, size: int) -> bytes:
    """The first bytes without their compression, as far as the beginning of a file has them.

    Of zstd nothing comes before a whole block: up to 128 KiB of the file.
    """
    for _ in range(_LAYERS):
        kind = _kind(data)
        if kind is None:
            break
        data = _begun(kind, data, max(size, _BLOCK))
    return data[:size]


def _kind(data: bytes | memoryview) -> _Kind | None:
    return next((kind for kind in _KINDS if kind.magic.match(data)), None)


def _undone(location: str, kind: _Kind, data: bytes, limit: int) -> bytes:
    # Its buffer grows in place and is handed out as it is: one copy of the output, not two.
    out = BytesIO()
    rest = memoryview(data)
    while rest:
        try:
            rest = _member(kind, rest, out, limit)
        except EOFError:
            message = f"{location}: truncated {kind.name}: ends after {out.tell()} bytes of output"
            raise FormatError(message, _AGAIN) from None
        except OverflowError:
            message = f"{location}: larger than {limit:,} bytes when decompressed"
            raise FetchError(message, "check that it is what you meant to read") from None
        except _errors() as exc:
            message = f"{location}: damaged {kind.name} after {out.tell()} bytes of output: {exc}"
            raise FormatError(message, _AGAIN) from exc
        rest = _next_member(location, kind, rest, len(data))
    return out.getvalue()


def _member(kind: _Kind, data: memoryview, out: BytesIO, limit: int) -> memoryview:
    """Writes the output of one member of a compressed file, and returns what follows it."""
    engine = kind.engine()
    end = 0
    while not engine.eof:
        if end == len(data):
            raise EOFError
        start, end = end, min(end + _STEP, len(data))
        out.write(engine.decompress(data[start:end], limit + 1 - out.tell()))
        if out.tell() > limit:
            raise OverflowError
    return data[end - len(engine.unused_data) :]


def _next_member(location: str, kind: _Kind, rest: memoryview, size: int) -> memoryview:
    """What follows a member, from the beginning of the next; tapes and disks pad with zeros."""
    if zeros := _ZEROS.match(rest):
        rest = rest[zeros.end() :]
    # Less than a beginning is a member cut off there, which its engine says best.
    if len(rest) >= _LONGEST_MAGIC and not kind.magic.match(rest):
        message = f"{location}: damaged {kind.name}: ends at byte {size - len(rest)} of {size}"
        raise FormatError(message, _AGAIN)
    return rest


def _begun(kind: _Kind, data: bytes, size: int) -> bytes:
    engine = kind.engine()
    view = memoryview(data)
    out = b""
    try:
        for at in range(0, len(data), _STEP):
            if engine.eof or len(out) >= size:
                break
            out += engine.decompress(view[at : at + _STEP], size)
    except _errors():
        pass  # what came before the damage is still its beginning
    return out


def _errors() -> tuple[type[Exception], ...]:
    import lzma
    import zlib

    import zstandard

    return zlib.error, lzma.LZMAError, zstandard.ZstdError


def _gzip() -> _Engine:
    import zlib

    return zlib.decompressobj(31)


def _xz() -> _Engine:
    import lzma

    # Four times what the strongest of xz's own settings takes.
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20)


def _zstd() -> _Engine:
    import zstandard

    return _Zstd(zstandard.ZstdDecompressor().decompressobj())


class _Zstd:
    """zstandard's engine, which has no word for the most bytes to make."""

    def __init__(self, engine: "ZstdDecompressionObj") -> None:
        self._engine = engine

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: memoryview, _max_length: int, /) -> bytes:
        return self._engine.decompress(data)


_KINDS = (
    _Kind("gzip", re.compile(rb"\x1f\x8b"), _gzip),
    # Or a frame to skip, which pzstd begins with.
    _Kind("zstd", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL), _zstd),
    _Kind("xz", re.compile(rb"\xfd7zXZ\x00"), _xz),
)
_LONGEST_MAGIC = 6
