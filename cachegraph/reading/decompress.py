"""Decompresses the bytes of whole files: gzip, zstd and xz, recognized by their first bytes."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, NamedTuple, Protocol

from cachegraph.environment import largest_document
from cachegraph.errors import FetchError, FormatError

# The blob of a mirror is compressed once, a copy of it perhaps a second time.
_LAYERS = 2
# Compressed bytes read at a time. Four bytes of zstd make up to 128 KiB, these at most 32 MiB.
_STEP = 1 << 10
# What may come out of compressed bytes: times their number, and bytes besides. Of the real
# documents measured, zstd -19 packs one 30 times (535 kB), and no other more than 18 times.
_LIMITS = ((40, 4 << 20), (10, 100 << 20))
_LARGEST_WINDOW = 32 << 20
# Enough of an inner layer for the first block of zstd.
_INNER_HEAD = 256 << 10
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_BLOCK = 130 << 10
"""Bytes of a file within which the first block of zstd ends: no output comes before that."""
_ZEROS = re.compile(rb"\0*")
_HINT = "fetch it again"
_HINT_LARGER = "if it is what you mean, set CACHEGRAPH_LARGEST to more MiB"


class _Decompressor(Protocol):
    """The decompressor of zlib, lzma or zstandard."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, *args: Any, **kwargs: Any) -> bytes: ...


class _Compression(NamedTuple):
    name: str
    magic: re.Pattern[bytes]
    decompressor: Callable[[], _Decompressor]
    limits_output: bool = True
    """Whether the decompressor can return a part of its output."""

    def step(self, decompressor: _Decompressor, data: memoryview, most: int) -> bytes:
        """The output of some bytes, where the decompressor allows it at most ``most`` bytes."""
        return decompressor.decompress(data, *((most,) if self.limits_output else ()))


def decompress(location: str, data: bytes, limit: int) -> bytes:
    """The decompressed bytes; bytes that are not compressed come back as they are.

    Stops with FetchError as soon as there are more than ``limit``, or, unless the user has set the
    limit, more than a document of that size has. FormatError if the data is damaged or ends early.
    """
    if _compression(data) and largest_document() is None:
        limit = min(limit, *(times * len(data) + besides for times, besides in _LIMITS))
    for _ in range(_LAYERS):
        if compression := _compression(data):
            data = _decompress_all(location, compression, data, limit)
    return data


def decompress_head(data: bytes, size: int) -> bytes:
    """The first ``size`` decompressed bytes, or as many as the beginning of a file gives.

    From zstd nothing comes before a whole block, which takes up to ``ZSTD_BLOCK`` bytes.
    """
    for _ in range(_LAYERS):
        if compression := _compression(data):
            data = _decompress_start(compression, data, max(size, _INNER_HEAD))
    return data[:size]


def _compression(data: bytes | memoryview) -> _Compression | None:
    return next((one for one in _COMPRESSIONS if one.magic.match(data)), None)


def _decompress_all(location: str, compression: _Compression, data: bytes, limit: int) -> bytes:
    # Its buffer grows in place and is returned without a copy: one copy of the output, not two.
    out = BytesIO()
    rest = memoryview(data)
    while rest:
        try:
            rest = _decompress_member(compression, rest, out, limit)
        except EOFError:
            ends = f"ends after {out.tell()} bytes of output"
            message = f"{location}: truncated {compression.name}: {ends}"
            raise FormatError(message, _HINT) from None
        except OverflowError:
            message = f"{location}: larger than {limit:,} bytes when decompressed"
            raise FetchError(message, _HINT_LARGER) from None
        except _errors() as exc:
            after = f"after {out.tell()} bytes of output"
            message = f"{location}: damaged {compression.name} {after}: {exc}"
            needs_more = "memory" in str(exc).lower()
            raise FormatError(message, _HINT_LARGER if needs_more else _HINT) from exc
        rest = _next_member(location, compression, rest, len(data))
    return out.getvalue()


def _decompress_member(
    compression: _Compression, data: memoryview, out: BytesIO, limit: int
) -> memoryview:
    """Writes the output of one member of a compressed file; returns the bytes after it."""
    decompressor = compression.decompressor()
    end = 0
    while not decompressor.eof:
        if end == len(data):
            raise EOFError
        start, end = end, min(end + _STEP, len(data))
        out.write(compression.step(decompressor, data[start:end], limit + 1 - out.tell()))
        if out.tell() > limit:
            raise OverflowError
    return data[end - len(decompressor.unused_data) :]


def _next_member(
    location: str, compression: _Compression, rest: memoryview, size: int
) -> memoryview:
    """The bytes from the next member on, without the zeros that tapes and disks pad with."""
    if zeros := _ZEROS.match(rest):
        rest = rest[zeros.end() :]
    # A member cut off within its first bytes is left to the decompressor: its message is better.
    if len(rest) >= _LONGEST_MAGIC and not compression.magic.match(rest):
        ends = f"ends at byte {size - len(rest)} of {size}"
        raise FormatError(f"{location}: damaged {compression.name}: {ends}", _HINT)
    return rest


def _decompress_start(compression: _Compression, data: bytes, size: int) -> bytes:
    decompressor = compression.decompressor()
    view = memoryview(data)
    out = b""
    try:
        for at in range(0, len(data), _STEP):
            if decompressor.eof or len(out) >= size:
                break
            out += compression.step(decompressor, view[at : at + _STEP], size)
    except _errors():
        pass  # the output before the damage is still the beginning
    return out


def _errors() -> tuple[type[Exception], ...]:
    import lzma
    import zlib

    import zstandard

    return zlib.error, lzma.LZMAError, zstandard.ZstdError


def _gzip() -> _Decompressor:
    import zlib

    return zlib.decompressobj(31)


def _xz() -> _Decompressor:
    import lzma

    # Half more than what the strongest preset of xz takes.
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=largest_document() or 96 << 20)


def _zstd() -> _Decompressor:
    import zstandard

    window = largest_document() or _LARGEST_WINDOW
    return zstandard.ZstdDecompressor(max_window_size=min(window, 1 << 31)).decompressobj()


# The magic bytes of zstd, or of a skippable frame, with which pzstd begins.
_ZSTD = re.compile(re.escape(ZSTD_MAGIC) + rb"|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL)
_COMPRESSIONS = (
    _Compression("gzip", re.compile(rb"\x1f\x8b"), _gzip),
    _Compression("zstd", _ZSTD, _zstd, limits_output=False),
    _Compression("xz", re.compile(rb"\xfd7zXZ\x00"), _xz),
)
_LONGEST_MAGIC = 6
