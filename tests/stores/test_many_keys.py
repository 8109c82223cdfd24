"""The keys of many nodes are read from a file as a range, and are the same."""

from pathlib import Path

import pytest

import cachegraph
from tests.support.corpus import spec, write_page

NAMES = "abcdefgh"


@pytest.mark.parametrize("left", ["abcdefgh", "bcdefgh", "abcefgh", "abcdefg", "ah", "abh"])
def test_keys_of_many(tmp_path: Path, left: str) -> None:
    path = tmp_path / "graph.db"
    for names in (NAMES, left):  # of those that leave, the numbers are not there any more
        page = write_page(tmp_path, "zlib", [spec(name, "one") for name in names])
        cachegraph.open(path).import_(page)
    with cachegraph.open(path) as graph:
        (group,) = graph.duplicates()["groups"]
        assert [hash_[0] for hash_ in group["hashes"]] == [*left]
