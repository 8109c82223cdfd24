"""A package over releases: answers worked out by hand, the same on every store."""

from pathlib import Path

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import index, lock, node, spec, write, write_page


@pytest.mark.newest
def test_releases_in_order(load: Load, tmp_path: Path) -> None:
    """What is written is in another order than what is told.

    ==================  ==================  =========================
    release             zlib in e4s         zlib in root alone
    ==================  ==================  =========================
    develop             zd@1.3 ze@1.3
    v1.0                zb@1.10 zc@1.2
    v0.23.0             za@1.0  zb@1.10
    v0.9.0              za@1.0              zf@0.9
    develop-2025-10-12  zd@1.3
    develop-2025-10-05  none: an empty page
    mine-2              za@1.0
    mine-10             zb@1.10
    yours               zb@1.10
    ==================  ==================  =========================
    """
    za, zb, zc = (
        spec(name, "e4s", versions=[version])
        for name, version in (("za", "1.0"), ("zb", "1.10"), ("zc", "1.2"))
    )
    zd, ze = (spec(name, "e4s", versions=["1.3"]) for name in ("zd", "ze"))
    zf = spec("zf", versions=["0.9"])
    for tag, specs in {
        "develop": [zd, ze],
        "v1.0": [zb, zc],
        "v0.23.0": [za, zb],
        "v0.9.0": [za, zf],
        "develop-2025-10-12": [zd],
        "yours": [zb],
        "mine-10": [zb],
        "mine-2": [za],
    }.items():
        write_page(tmp_path, "zlib", specs, tag=tag)
    write_page(tmp_path, "hdf5", [spec("ha", "e4s")], tag="develop-2025-10-05")
    write_page(tmp_path, "zlib", [], tag="develop-2025-10-05")
    answer = load(tmp_path).history("zlib")
    assert (answer["question"], answer["package"]) == ("history", "zlib")
    told = [
        (
            row["name"],
            row.get("date"),
            row["versions"],
            [hash_[:2] for hash_ in row["hashes"]],
            row.get("before"),
            row.get("new"),
            row.get("gone"),
        )
        for row in answer["releases"]
    ]
    newest = "develop-2025-10-12"
    assert told == [
        (newest, "2025-10-12", ["1.3"], ["zd"], "develop-2025-10-05", 1, 0),
        ("v0.9.0", None, ["0.9", "1.0"], ["za", "zf"], None, None, None),
        ("v0.23.0", None, ["1.0", "1.10"], ["za", "zb"], "v0.9.0", 1, 1),
        ("v1.0", None, ["1.2", "1.10"], ["zb", "zc"], "v0.23.0", 1, 1),
        ("mine-2", None, ["1.0"], ["za"], None, None, None),
        ("mine-10", None, ["1.10"], ["zb"], "mine-2", 1, 1),
        ("yours", None, ["1.10"], ["zb"], None, None, None),
        ("develop", None, ["1.3"], ["zd", "ze"], newest, 1, 0),
    ]
    assert [row["specs"] for row in answer["releases"]] == [1, 2, 2, 2, 1, 1, 1, 2]
    assert answer["releases"][1]["stacks"] == ["v0.9.0/e4s"]
    assert "notes" not in answer


def test_gone_for_good(load: Load, tmp_path: Path) -> None:
    write_page(tmp_path, "zlib", [spec("za", "e4s"), spec("zb", "e4s")], tag="v0.22.0")
    for tag in ("v0.21.0", "v0.23.0", "v1.0-rc1", "v1.0"):
        write_page(tmp_path, "hdf5", [spec("ha", "e4s")], tag=tag)
        write_page(tmp_path, "zlib", [], tag=tag)
    rows = load(tmp_path).history("zlib")["releases"]
    # v0.21.0 was before its time; the others once had it.
    assert [(row["name"], row["specs"], row.get("gone")) for row in rows] == [
        ("v0.22.0", 2, 0),
        ("v0.23.0", 0, 2),
        ("v1.0-rc1", 0, 0),
        ("v1.0", 0, 0),
    ]
    assert rows[0]["new"] == 2


@pytest.mark.parametrize("has_stack", [False, True])
def test_not_gone_where_nothing_was_imported_that_lists_it(
    load: Load, tmp_path: Path, has_stack: bool
) -> None:
    """Of v0.23.0 only hdf5 is known; of v1.0 perhaps a stack without zlib; of v1.1 a page of it."""
    write_page(tmp_path, "zlib", [spec("za", "e4s"), spec("zb", "e4s")], tag="v0.22.0")
    write_page(tmp_path, "zlib", [spec("zb", "e4s"), spec("zc", "e4s")], tag="v1.1")
    for tag in ("v0.21.0", "v0.23.0", "v1.1"):
        write_page(tmp_path, "hdf5", [spec("ha", "e4s")], tag=tag)
    locks = tmp_path / "locks"
    name = "v1.0" if has_stack else "else"
    write(locks / name / "tools" / "spack.lock", lock(node("curl")))
    answer = load(tmp_path / "_cache", locks).history("zlib")
    rows = [
        (row["name"], row.get("before"), row.get("new"), row.get("gone"))
        for row in answer["releases"]
    ]
    first, last = rows[0], rows[-1]
    assert first == ("v0.22.0", None, None, None)
    if has_stack:
        assert rows[1:] == [("v1.0", "v0.22.0", 0, 2), ("v1.1", "v1.0", 2, 0)]
    else:
        assert rows[1:] == [last] == [("v1.1", "v0.22.0", 1, 1)]
    what = "left out, as neither a page of zlib nor a whole stack was imported of them"
    assert answer["notes"][0] == f"{what}: v0.21.0, v0.23.0"


FIVE = ("bzip2", "curl", "expat", "gmake", "pcre")


@pytest.fixture
def renamed(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """Five stacks of v1.0 hold zlib; of them develop has only one.

    ========  =====================================  =====================================
    v1.0      holds                                  develop
    ========  =====================================  =====================================
    e4s       zlib                                   e4s
    ml-cpu    zlib                                   group cpu of the stack ml
    sdk-data  zlib                                   the stack sdk, new and without groups
    tools     zlib and five others                   toolbox, new: the five, of the six
    lost      zlib                                   none
    ========  =====================================  =====================================
    """
    site = module_path / "site"
    held = {"e4s": "za", "ml-cpu": "zb", "sdk-data": "zc", "tools": "zd", "lost": "ze"}
    specs = [spec(name, stack) for stack, name in held.items()]
    write_page(site, "zlib", specs, tag="v1.0")
    write_page(site, "zlib", [spec("za", "e4s")])
    for name, package in zip("abcdf", FIVE, strict=True):
        write_page(site, package, [spec(name, "tools")], tag="v1.0")
    zlib, roots = node("zlib"), {"spec": "zlib", "group": "cpu"}
    files = {
        "ml": lock(zlib, version=7, roots=[{**roots, "hash": zlib["hash"]}]),
        "sdk": lock(node("hdf5")),
        "toolbox": lock(*map(node, FIVE)),
    }
    for name, file in files.items():
        write(module_path / "locks" / "develop" / name / "spack.lock", file)
    return load_once(site, module_path / "locks")


def test_what_became_of_stacks(renamed: cachegraph.Graph) -> None:
    answer = renamed.history("zlib")
    _, develop = answer["releases"]
    assert (develop["new"], develop["gone"]) == (1, 4)  # za stayed
    assert develop["vanished"] == [
        {"stack": "v1.0/lost"},
        {"stack": "v1.0/ml-cpu", "now": "develop/ml", "how": "group"},
        {"stack": "v1.0/sdk-data", "now": "develop/sdk", "how": "name"},
        {
            "stack": "v1.0/tools",
            "now": "develop/toolbox",
            "how": "versions",
            "jaccard": round(5 / 6, 4),
        },
    ]
    assert answer["notes"] == [
        "develop lacks stacks that v1.0 has: lost",
        "develop has no stack ml-cpu, which v1.0 has: it is a group of develop/ml",
        "develop has no stack sdk-data, which v1.0 has: "
        "it is probably a group of develop/sdk, which is new",
        "develop has no stack tools, which v1.0 has: "
        "probably renamed to develop/toolbox: 83% of their package-versions are the same",
    ]


def test_only_stacks_that_held_the_package(renamed: cachegraph.Graph) -> None:
    _, develop = renamed.history("curl")["releases"]
    assert [row["stack"] for row in develop["vanished"]] == ["v1.0/tools"]


def test_a_name_that_begins_alike_is_not_new(load: Load, tmp_path: Path) -> None:
    """e4s was there before, so e4s-arm did not become it; nor is it the root that is new."""
    write_page(tmp_path, "zlib", [spec("za", "e4s", "e4s-arm")], tag="v1.0")
    write_page(tmp_path, "zlib", [spec("za", "e4s")])
    _, develop = load(tmp_path).history("zlib")["releases"]
    assert develop["vanished"] == [{"stack": "v1.0/e4s-arm"}]


def test_real_pages(sample: cachegraph.Graph) -> None:
    (row,) = sample.history("py-mpi4py")["releases"]
    assert (row["name"], row["versions"], row["specs"]) == ("develop", ["3.1.6", "4.0.1"], 91)
    assert "develop/e4s" in row["stacks"]
    assert "develop/root" not in row["stacks"]


def test_misspelt_package(sample: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.NotFoundError, match="no package") as caught:
        sample.history("py-mpi4yp")
    assert (caught.value.hint or "").startswith("did you mean py-mpi4py")


def test_a_package_without_a_stack(load: Load, tmp_path: Path) -> None:
    write(tmp_path / "index.json", index(node("curl"), outside=[node("zlib")]))
    assert load(tmp_path).history("zlib")["releases"] == []
