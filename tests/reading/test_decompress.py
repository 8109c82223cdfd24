import bz2
import gzip
import lzma
import os
import random
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import zstandard

from cachegraph.errors import FetchError, FormatError
from cachegraph.reading.decompress import decompress, decompress_head
from cachegraph.reading.discover import SAMPLE

LIMIT = 1 << 20
TEXT = random.Random(0).randbytes(40_000).hex().encode()
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, mtime=0),
    "zstd": zstandard.compress,
    "xz": lzma.compress,
}
packers = pytest.mark.parametrize("name", PACKERS)


@packers
@pytest.mark.parametrize("text", [b"", b"x", b"\0" * 9, TEXT], ids=len)
def test_what_was_packed_comes_out(name: str, text: bytes) -> None:
    pack = PACKERS[name]
    assert decompress("a", pack(text), LIMIT) == text
    assert decompress("a", pack(text), len(text)) == text
    assert decompress_head(pack(text), 100) == text[:100]


@pytest.mark.parametrize(
    "data", [b"", b"\x1f", b"\xfd7zXZ", b"{}", b"---\n", bz2.compress(TEXT), b"\0" * 50]
)
def test_other_bytes_stay_as_they_are(data: bytes) -> None:
    assert decompress("a", data, 0) is data
    assert decompress_head(data, 4) == data[:4]


@packers
@pytest.mark.parametrize("outer", PACKERS)
def test_two_layers_are_undone_and_a_third_is_not(name: str, outer: str) -> None:
    two = PACKERS[outer](PACKERS[name](TEXT))
    assert decompress("a", two, LIMIT) == TEXT
    assert decompress_head(two, 10_000) == TEXT[:10_000]
    assert decompress("a", gzip.compress(two), LIMIT) == PACKERS[name](TEXT)


@packers
def test_members_one_behind_the_other(name: str) -> None:
    pack = PACKERS[name]
    data = pack(TEXT) + pack(b"") + bytes(5000) + pack(b"more") + bytes(512)
    assert decompress("a", data, LIMIT) == TEXT + b"more"
    many = pack(b"ab") * 5000
    assert decompress("a", many, LIMIT) == b"ab" * 5000


def test_a_zstd_frame_to_skip() -> None:
    skip = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    frame = zstandard.compress(TEXT)
    assert decompress("a", skip + frame + skip + frame, LIMIT) == TEXT + TEXT


def test_zstd_without_its_size() -> None:
    packer = zstandard.ZstdCompressor().compressobj()
    assert decompress("a", packer.compress(TEXT) + packer.flush(), LIMIT) == TEXT


@packers
@pytest.mark.parametrize("left", [7, 20, 1024, 20_000, -9, -1])
def test_a_stream_cut_off_says_how_far_it_went(name: str, left: int) -> None:
    data = PACKERS[name](TEXT)[:left]
    with pytest.raises(FormatError) as caught:
        decompress("some/index.json", data, LIMIT)
    words = caught.value.message.split()
    assert words[:4] == ["some/index.json:", "truncated", f"{name}:", "ends"]
    assert words[4] == "after"
    assert words[6:] == ["bytes", "of", "output"]
    came = int(words[5])
    assert 0 <= came <= len(TEXT)
    assert caught.value.hint == "fetch it again"
    assert TEXT.startswith(decompress_head(data, 100))
    if left == 20_000 and name != "zstd":  # which has one block here
        assert len(decompress_head(data, 100)) == 100
        assert came > 10_000


@packers
@pytest.mark.parametrize("left", [1, 5, 9])
def test_a_second_member_cut_off(name: str, left: int) -> None:
    pack = PACKERS[name]
    with pytest.raises(FormatError, match=f"a: truncated {name}: ends after 2 bytes of output"):
        decompress("a", pack(b"ab") + pack(b"cd")[:left], LIMIT)


@packers
def test_other_bytes_behind_the_end(name: str) -> None:
    data = PACKERS[name](b"ab")
    message = f"a: damaged {name}: ends at byte {len(data)} of {len(data) + 8}"
    with pytest.raises(FormatError, match=message):
        decompress("a", data + b"trailing", LIMIT)


def test_a_checksum_that_does_not_fit() -> None:
    data = bytearray(gzip.compress(TEXT))
    data[-5] ^= 1
    with pytest.raises(FormatError, match=r"a: damaged gzip after \d+ bytes of output: "):
        decompress("a", bytes(data), LIMIT)


@packers
def test_damage_is_no_other_error(name: str) -> None:
    data = PACKERS[name](TEXT)
    for seed in range(200):
        chance = random.Random(seed)
        bad = bytearray(data)
        for _ in range(3):
            bad[chance.randrange(6, 60)] ^= 1 << chance.randrange(8)
        with suppress(FormatError, FetchError):
            decompress("a", bytes(bad), LIMIT)
        decompress_head(bytes(bad), 100)


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(LIMIT)) for _ in range(256)) + packer.flush()


def xz_bomb() -> bytes:
    packer = lzma.LZMACompressor(preset=0)
    return b"".join(packer.compress(bytes(LIMIT)) for _ in range(64)) + packer.flush()


def zstd_bomb() -> bytes:
    # A frame of blocks of one repeated byte: 13 GB.
    block = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * 100_000


@pytest.mark.slow
@pytest.mark.parametrize("make", [gzip_bomb, xz_bomb, zstd_bomb])
def test_a_bomb_stops_early(make: Callable[[], bytes]) -> None:
    data = make()
    decompress("a", zstandard.compress(b""), 1)  # imports take memory too
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="a: larger than 1,048,576 bytes when decompressed"):
            decompress("a", data, LIMIT)
        assert len(decompress_head(data, 100)) == 100
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 << 20


def test_an_xz_that_wants_a_gigabyte_of_memory() -> None:
    packed = lzma.compress(b"a", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    huge = bytearray(packed)
    at = packed.index(b"\x21\x01") + 2  # the filter's properties: one byte that is the size
    huge[at] = 36  # 1 GiB
    header = bytes(huge[12:20])
    huge[20:24] = zlib.crc32(header).to_bytes(4, "little")
    with pytest.raises(FormatError, match="a: damaged xz after 0 bytes of output: "):
        decompress("a", bytes(huge), LIMIT)


@packers
def test_the_limit_is_for_all_members(name: str) -> None:
    pack = PACKERS[name]
    with pytest.raises(FetchError, match="larger than 3 bytes"):
        decompress("a", pack(b"ab") + pack(b"cd"), 3)


@packers
@pytest.mark.parametrize("name_of_outer", ["", *PACKERS])
def test_more_than_a_document_of_that_size_has(
    name: str, name_of_outer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b'{"a":' + b" " * (8 << 20)
    data = PACKERS.get(name_of_outer, bytes)(PACKERS[name](text))
    most = 40 * len(data) + (4 << 20)
    with pytest.raises(FetchError, match=f"a: larger than {most:,} bytes when") as caught:
        decompress("a", data, 1 << 30)
    assert "CACHEGRAPH_LARGEST" in (caught.value.hint or "")
    monkeypatch.setenv("CACHEGRAPH_LARGEST", "100")
    assert decompress("a", data, 1 << 30) == text


def test_a_zstd_window_larger_than_any_document_needs() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packer.compress(TEXT) + packer.flush()
    with pytest.raises(FormatError, match="a: damaged zstd after 0 bytes") as caught:
        decompress("a", data, LIMIT)
    assert "CACHEGRAPH_LARGEST" in (caught.value.hint or "")


@pytest.mark.slow
def test_no_real_file_is_refused() -> None:
    """Those of the sample, and with ``CACHEGRAPH_DATA`` all that there are."""
    best_zstd = zstandard.ZstdCompressor(level=19).compress
    folders = [str(SAMPLE), os.environ.get("CACHEGRAPH_DATA") or str(SAMPLE)]
    files = [path for folder in folders for path in Path(folder).rglob("*.lock*")]
    files += [path for folder in folders for path in Path(folder).rglob("index.json*")]
    assert files
    for path in files:
        text = decompress("a", path.read_bytes(), 1 << 30)
        for pack in (gzip.compress, lzma.compress, best_zstd):
            assert decompress("a", pack(text), 1 << 30) == text
