"""Every pair of stacks, the same on every store."""

from itertools import combinations
from pathlib import Path

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import spec, tiny_cache, write_page


@pytest.mark.newest
def test_real_pages(sample: cachegraph.Graph) -> None:
    answer = sample.matrix()
    names = [key.removeprefix("develop/") for key in answer["stacks"]]
    assert len(names) == 13
    assert "root" not in names
    pairs = {(names[i], names[j]): answer["shared"][i][j] for i, j in combinations(range(13), 2)}
    assert len(pairs) == 78
    assert {pair: shared for pair, shared in pairs.items() if shared} == {
        ("ml-linux-aarch64-cpu", "ml-linux-aarch64-cuda"): 60,
        ("ml-linux-x86_64-cpu", "ml-linux-x86_64-cuda"): 63,
        ("ml-linux-x86_64-cpu", "ml-linux-x86_64-rocm"): 13,
        ("ml-linux-x86_64-cuda", "ml-linux-x86_64-rocm"): 13,
    }


@pytest.mark.parametrize(
    ("level", "shared", "jaccard"),
    [
        ("hash", [[5, 1, 1], [1, 4, 2], [1, 2, 3]], [0.125, 0.1429, 0.4]),
        ("alike", [[4, 2, 1], [2, 4, 2], [1, 2, 3]], [0.3333, 0.1667, 0.4]),
        ("version", [[4, 3, 2], [3, 3, 2], [2, 2, 3]], [0.75, 0.4, 0.5]),
        ("package", [[3, 2, 2], [2, 2, 2], [2, 2, 3]], [0.6667, 0.5, 0.6667]),
    ],
)
def test_levels(
    load: Load, tmp_path: Path, level: str, shared: list[list[int]], jaccard: list[float]
) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    answer = graph.matrix("left", "right", "aux", level=level)
    assert answer["stacks"] == ["develop/left", "develop/right", "develop/aux"]
    assert answer["shared"] == shared
    found = answer["jaccard"]
    assert [found[0][1], found[0][2], found[1][2]] == jaccard
    assert [found[i][i] for i in range(3)] == [1.0, 1.0, 1.0]


def test_release_of_the_matrix(load: Load, tmp_path: Path) -> None:
    for tag, name in (("develop", "a"), ("v0.23.0", "b"), ("v0.22.0", "c")):
        write_page(tmp_path / "site", "zlib", [spec(name, "e4s", "hep")], tag=tag)
    graph = load(tmp_path / "site")
    assert graph.matrix()["stacks"] == ["develop/e4s", "develop/hep"]
    assert graph.matrix(release="v0.23.0")["stacks"] == ["v0.23.0/e4s", "v0.23.0/hep"]


def test_level_that_is_none(sample: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.UsageError, match="no level binary"):
        sample.matrix(level="binary")
