"""Why what looks alike in stacks is not shared: by hand, and of real stacks by the READMEs."""

from pathlib import Path

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import lock, needs, node, tiny_cache, write
from tests.support.made_up_pairs import Made, variants
from tests.support.realfiles import found
from tests.support.realfiles import lock as lock_file


def two(load: Load, folder: Path, left: list[Made], right: list[Made]) -> cachegraph.Graph:
    return load(
        write(folder / "left" / "spack.lock", lock(*left)),
        write(folder / "right" / "spack.lock", lock(*right)),
    )


def test_only_of_what_both_have_and_none_shares(load: Load, tmp_path: Path) -> None:
    """Causes are those of libpng alone.

    =======  =======================  =======================  =========================
    package  left                     right                    so it is
    =======  =======================  =======================  =========================
    zlib     ~pic                     +pic                     not alike: another variant
    libpng   with zlib ~pic           with zlib +pic           alike, because of zlib
    curl     with either zlib         with zlib +pic           shared, and twice on the left
    xz       two recipes              -                        only on the left
    =======  =======================  =======================  =========================
    """
    zlibs = [node("zlib", parameters=variants(pic=pic)) for pic in (False, True)]
    libpngs = [node("libpng", needs(zlib)) for zlib in zlibs]
    curls = [node("curl", needs(zlib)) for zlib in zlibs]
    xzs = [node("xz", package_hash=f"{recipe}====") for recipe in ("new", "old")]
    left = [libpngs[0], *curls, *xzs, *zlibs]
    answer = two(load, tmp_path, left, [libpngs[1], curls[1], zlibs[1]]).overlap("left", "right")
    assert {row["package"] for row in answer["shared"]} == {"curl", "zlib"}
    assert answer["causes"] == [
        {
            "package": "zlib",
            "kind": "variant",
            "attribute": "pic",
            "values": ["+pic", "~pic"],
            "groups": 1,
            "redundant": 1,
            "alone": 1,
            "stacks": ["local/left", "local/right"],
        }
    ]


def test_nothing_alike_has_no_causes(load: Load, tmp_path: Path) -> None:
    zlibs = [node("zlib", version=version) for version in ("1.2", "1.3")]
    assert two(load, tmp_path, zlibs[:1], zlibs[1:]).overlap("left", "right")["causes"] == []


def test_pages_know_none(load: Load, tmp_path: Path) -> None:
    """In left and right hdf5 looks the same under two hashes: why, a page does not tell."""
    graph = load(tiny_cache(tmp_path / "site"))
    assert graph.overlap("left", "right")["causes"] == []


@pytest.mark.newest
def test_developer_tools_and_build_systems(real: Load) -> None:
    """Seven packages look alike in both: all that is a near-duplicate is one across the two."""
    graph = real(*(found(lock_file(name)) for name in ("developer-tools", "build_systems")))
    stacks = "developer-tools", "build_systems"
    answer = graph.overlap(*stacks)
    # truth.json: openssl's certs for four of the builds, python's version for three.
    told = [
        (cause["package"], cause["kind"], cause["attribute"], cause["redundant"])
        for cause in answer["causes"]
    ]
    assert told[0] == ("openssl", "variant", "certs", 4)
    assert ("python", "version", "version", 3) in told
    costs = [cause["redundant"] for cause in answer["causes"]]
    assert costs == sorted(costs, reverse=True)
