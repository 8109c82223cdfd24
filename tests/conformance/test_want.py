"""The nearest binaries: answers worked out by hand, the same on every store."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.questions import question_class
from tests.conftest import Load
from tests.oracles import documents as oracle
from tests.support.corpus import dag_hash, index, lock, needs, node, spec, write, write_page
from tests.support.known_answers import fixture

ZEN3 = "linux-ubuntu22.04-zen3"
WANTED = "hdf5@1.14 +mpi %gcc@12"
FITS: dict[str, Any] = {
    "versions": ["1.14.3"],
    "variants": ["+mpi", "build_system=cmake"],
    "compiler": "gcc@=12.1.0",
    "target": "zen3",
}
# What each spec has other than what fits.
CACHE: dict[str, dict[str, Any]] = {
    "aa": {},
    "ab": {"target": "zen2"},
    "ac": {"target": "x86_64_v3"},
    "ad": {"compiler": "gcc@=11.4.0"},
    "ae": {"compiler": "clang@=17.0.6"},
    "af": {"variants": ["~mpi", "build_system=cmake"]},
    "ag": {"versions": ["1.12.2"]},
    "ah": {"versions": ["2.0"]},
    "ai": {"target": "zen4"},
    "aj": {"target": "aarch64"},
    "ak": {"os": "ubuntu24.04"},
    "al": {"platform": "darwin", "os": "sequoia"},
    "am": {"compiler": "gcc@=11.4.0", "target": "x86_64_v3"},
    "an": {"versions": ["1.14.2"]},
}
TARGET_V3 = ("target", "zen3", "x86_64_v3")
GCC_11 = ("compiler", "gcc@12", "gcc@11.4.0")
ANSWER: list[tuple[str, int, bool, list[tuple[str, str, str | None]]]] = [
    ("aa", 1, True, []),
    ("an", 1, True, []),  # as near, but older
    ("ab", 2, True, [("target", "zen3", "zen2")]),
    ("ac", 3, True, [TARGET_V3]),  # runs too, but knows less of the machine
    ("ad", 4, True, [GCC_11]),
    ("am", 5, True, [GCC_11, TARGET_V3]),
    ("ae", 6, True, [("compiler", "gcc@12", "clang@17.0.6")]),
    ("af", 7, True, [("variant", "+mpi", "~mpi")]),
    ("ag", 8, True, [("version", "1.14", "1.12.2")]),  # begins with 1 at least
    ("ah", 9, True, [("version", "1.14", "2.0")]),
    ("ai", 10, False, [("target", "zen3", "zen4")]),
    ("aj", 10, False, [("target", "zen3", "aarch64")]),
    ("ak", 11, False, [("os", "ubuntu22.04", "ubuntu24.04")]),
    ("al", 12, False, [("platform", "linux", "darwin"), ("os", "ubuntu22.04", "sequoia")]),
]


@pytest.fixture
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    specs = [spec(name, "e4s", **{**FITS, **other}) for name, other in CACHE.items()]
    specs[0]["stacks"].append("hep")
    write_page(module_path, "hdf5", specs)
    write_page(module_path, "zlib", [spec("za", "hep")])
    return load_once(module_path)


def told(row: Any) -> tuple[str, int, bool, list[tuple[str, str, str | None]]]:
    differs = [(one["what"], one["wanted"], one["found"]) for one in row["differs"]]
    return row["hash"][:2], row["rank"], row["runs"], differs


@pytest.mark.newest
def test_nearest_first(tiny: cachegraph.Graph) -> None:
    answer = tiny.want(WANTED, on=ZEN3, limit=20)
    assert [*map(told, answer["candidates"])] == ANSWER
    assert answer["wanted"] == {
        "spec": WANTED,
        "platform": "linux",
        "os": "ubuntu22.04",
        "target": "zen3",
    }
    assert (answer["question"], answer["total"]) == ("want", len(CACHE))
    assert answer["stacks"] == ["develop/e4s", "develop/hep"]
    assert answer["candidates"][0] == {
        "rank": 1,
        "hash": dag_hash("aa"),
        "package": "hdf5",
        "version": "1.14.3",
        "variants": ["build_system=cmake", "+mpi"],
        "compiler": "gcc@12.1.0",
        "platform": "linux",
        "os": "ubuntu22.04",
        "target": "zen3",
        "stacks": ["develop/e4s", "develop/hep"],
        "differs": [],
        "runs": True,
    }
    assert "notes" not in answer


def test_as_many_as_wanted_from_where_wanted(tiny: cachegraph.Graph) -> None:
    answer = tiny.want(WANTED, on=ZEN3, limit=3)
    assert [*map(told, answer["candidates"])] == ANSWER[:3]
    assert answer["total"] == len(CACHE)
    only = tiny.want(WANTED, on=ZEN3, stacks=["hep"])
    assert [*map(told, only["candidates"])] == ANSWER[:1]
    assert only["candidates"][0]["stacks"] == ["develop/hep"]


def test_where_it_runs_is_not_guessed(tiny: cachegraph.Graph) -> None:
    answer = tiny.want("hdf5@1.14.3 +mpi %gcc@12")
    fitting = [row for row in answer["candidates"] if not row["differs"]]
    assert {row["hash"][:2] for row in fitting} == {"aa", "ab", "ac", "ai", "aj", "ak", "al"}
    assert all("runs" not in row for row in answer["candidates"])
    assert answer["wanted"] == {"spec": "hdf5@1.14.3 +mpi %gcc@12"}


@pytest.mark.parametrize(
    ("text", "on"),
    [
        (f"{WANTED} os=ubuntu22.04 target=zen3 platform=linux", None),
        (f"{WANTED} arch=linux-ubuntu22.04-zen3", None),
        (f"{WANTED} target=zen3", "linux-ubuntu22.04-None"),
        (f"{WANTED} target=zen3", ZEN3),
    ],
)
def test_the_spec_says_where(tiny: cachegraph.Graph, text: str, on: str | None) -> None:
    answer = tiny.want(text.replace(" %gcc@12", "") + " %gcc@12", on=on, limit=20)
    assert [*map(told, answer["candidates"])] == ANSWER


def test_a_target_that_nobody_knows(tiny: cachegraph.Graph) -> None:
    answer = tiny.want("hdf5", on="linux-ubuntu22.04-zen33")
    assert not any(row["runs"] for row in answer["candidates"])
    assert answer["notes"] == [
        "unknown target zen33: only binaries for exactly this target count as running",
        "none of them runs on linux-ubuntu22.04-zen33",
    ]


def test_a_range_of_targets(tiny: cachegraph.Graph) -> None:
    answer = tiny.want("hdf5@1.14.3 target=zen2:zen3 os=ubuntu22.04", limit=20)
    runs = {row["hash"][:2] for row in answer["candidates"] if row["runs"] and not row["differs"]}
    assert runs == {"aa", "ab", "ad", "ae", "af"}


def test_in_no_chosen_stack(tiny: cachegraph.Graph) -> None:
    answer = tiny.want("zlib", stacks=["e4s"])
    assert answer["candidates"] == []
    assert answer["notes"] == [
        "none of the stacks holds zlib; these do: develop/hep, develop/root",
    ]


@pytest.mark.parametrize(
    ("text", "on", "said", "hint"),
    [
        ("hfd5", None, "no package hfd5", "did you mean hdf5?"),
        ("+mpi", None, r"\+mpi: no name of a package", "as in"),
        ("hdf5", "zen3", "zen3 is not platform-os-target", "as in linux-ubuntu22.04-zen3"),
        ("hdf5", "linux--zen3", "linux--zen3 is not platform-os-target", "as in linux-"),
        ("hdf5 target=zen2", ZEN3, "asks for the target zen2, --on for zen3", "give it only once"),
        ("hdf5 @", None, "a version was expected", ""),
    ],
)
def test_what_cannot_be_wanted(
    tiny: cachegraph.Graph, text: str, on: str | None, said: str, hint: str
) -> None:
    with pytest.raises(cachegraph.CacheGraphError, match=said) as caught:
        tiny.want(text, on=on)
    assert (caught.value.hint or "").startswith(hint)


def test_other_dependencies(load: Load, tmp_path: Path) -> None:
    old, new, ng = node("zlib", version="1.2"), node("zlib", version="1.3"), node("zlib-ng")
    provides = {"virtuals": ["zlib-api"]}
    gmake = node("gmake")
    built = [
        node("hdf5", needs(old, **provides), version="1.1"),
        node("hdf5", needs(new, **provides), version="1.2"),
        node("hdf5", needs(ng, **provides), needs(gmake, "build"), version="1.3"),
    ]
    external = node("hdf5", external={"path": "/usr"}, version="1.4")
    write(tmp_path / "spack.lock", lock(*built, external, old, new, ng, gmake))
    graph = load(tmp_path)

    def found(text: str) -> list[tuple[Any, ...]]:
        return [
            (
                row["version"],
                row["rank"],
                *((one["wanted"], one["found"]) for one in row["differs"]),
            )
            for row in graph.want(text)["candidates"]
        ]

    assert found("hdf5 ^zlib@1.3") == [
        ("1.2", 1),
        ("1.3", 2, ("^zlib@1.3", None)),
        ("1.1", 2, ("^zlib@1.3", "zlib@1.2")),
    ]
    assert found("hdf5 %gmake ^zlib-api") == [
        ("1.3", 1),
        ("1.2", 2, ("%gmake", None)),
        ("1.1", 2, ("%gmake", None)),
    ]
    # What was found on the machine is no binary.
    assert found("hdf5@1.4 ^zlib") == [
        ("1.2", 1, ("1.4", "1.2")),
        ("1.1", 1, ("1.4", "1.1")),
        ("1.3", 2, ("1.4", "1.3"), ("^zlib", None)),
    ]


def test_variants_of_all(load: Load, tmp_path: Path) -> None:
    static: dict[str, Any]
    shared: dict[str, Any]
    static, shared = {"parameters": {"shared": False}}, {"parameters": {"shared": True}}
    zlib = node("zlib", **static)
    built = [
        node("hdf5", **shared, version="1.1"),
        node("hdf5", needs(zlib), **shared, version="1.2"),
        node("hdf5", **static, version="1.3"),
    ]
    graph = load(write(tmp_path / "spack.lock", lock(*built, zlib)))
    answer = graph.want("hdf5 ++shared")
    # Of 1.2 it is zlib that is otherwise.
    assert [(row["version"], row["rank"]) for row in answer["candidates"]] == [
        ("1.1", 1),
        ("1.3", 2),
        ("1.2", 2),
    ]
    differs = [row["differs"] for row in answer["candidates"]]
    said = {"what": "variant", "wanted": "+shared in all"}
    assert differs == [[], [{**said, "found": "~shared"}], [{**said, "found": "+shared"}]]


def test_what_follows_a_compiler_is_read_in_two_ways(tiny: cachegraph.Graph) -> None:
    answer = tiny.want("hdf5@1.14 %gcc@12 +mpi", on=ZEN3)
    assert [row["hash"][:2] for row in answer["candidates"][:2]] == ["aa", "an"]
    assert answer["candidates"][1]["rank"] == 1
    assert "either fits" in answer["notes"][0]


def arch(target: str) -> dict[str, Any]:
    return {"arch": {"platform": "linux", "platform_os": "ubuntu22.04", "target": target}}


def old_node(name: str, *dependencies: Any, gcc: str = "11.4.0", **fields: Any) -> dict[str, Any]:
    compiler = {"name": "gcc", "version": gcc}
    return node(name, *dependencies, spec_format=4, compiler=compiler, **fields)


ZLIB = old_node("zlib")
IN_CACHE = (
    ZLIB,
    old_node("curl", needs(ZLIB)),
    old_node("hdf5"),
    old_node("perl", **arch("zen4")),
    old_node("bzip2"),
    old_node("xz", version="5.4", gcc="12.1.0"),
    old_node("openssl"),
)
IN_LOCK = (
    ZLIB,
    old_node("curl"),
    old_node("hdf5", **arch("zen3")),
    old_node("perl", **arch("zen3")),
    old_node("bzip2", version="1.1"),
    old_node("xz", version="5.6"),
    old_node("tcl"),
    old_node("openssl", external={"path": "/usr"}),
)
LOCKED: dict[str, tuple[str, list[tuple[str, str, str | None]]]] = {
    "bzip2": ("near", [("version", "1.1", "1.0")]),
    "curl": ("near", [("hash", f"/{IN_LOCK[1]['hash']}", f"/{IN_CACHE[1]['hash']}")]),
    "hdf5": ("near", [("target", "zen3", "x86_64_v3")]),
    "perl": ("missing", []),  # there is one that does not run
    "tcl": ("missing", []),
    "xz": (
        "missing",
        [("version", "5.6", "5.4"), ("compiler", "gcc@11.4.0", "gcc@12.1.0")],
    ),
    "zlib": ("available", []),
}


@pytest.fixture
def wanted(tmp_path: Path) -> Path:
    return write(tmp_path / "wanted" / "spack.lock", lock(*IN_LOCK, version=5))


@pytest.fixture
def cache(load: Load, tmp_path: Path) -> cachegraph.Graph:
    return load(write(tmp_path / "cache" / "spack.lock", lock(*IN_CACHE, version=5)))


def states(answer: Any) -> dict[str, tuple[str, list[tuple[str, str, str | None]]]]:
    return {
        row["package"]: (
            row["state"],
            [(one["what"], one["wanted"], one["found"]) for one in row["differs"]],
        )
        for row in answer["specs"]
    }


COUNTS = ("available", "near", "missing", "external", "total")


def test_lock_file(cache: cachegraph.Graph, wanted: Path) -> None:
    answer = cache.want_lock(wanted)
    assert states(answer) == LOCKED
    assert [answer[name] for name in COUNTS] == [1, 3, 3, 1, 7]  # type: ignore[literal-required]  # a count
    assert [row["package"] for row in answer["specs"]] == [*LOCKED]
    assert (answer["wanted"], answer["candidates"]) == ({"lock": str(wanted)}, [])
    curl, xz, zlib = (answer["specs"][at] for at in (1, 5, 6))
    assert (curl["candidate"]["hash"], curl["available"]) == (IN_CACHE[1]["hash"], False)
    assert xz["candidate"]["stacks"] == ["local/cache"]
    assert (zlib["stacks"], zlib["available"]) == (["local/cache"], True)


def test_why_there_is_no_binary(load: Load, tmp_path: Path) -> None:
    """Of perl there is one for zen4, of openssl only an external, of tcl nothing."""
    held = (old_node("perl", **arch("zen4")), old_node("openssl", external={"path": "/usr"}))
    graph = load(write(tmp_path / "cache" / "spack.lock", lock(*held, version=5)))
    wanted = (old_node("perl", **arch("zen3")), old_node("openssl"), old_node("tcl"))
    path = write(tmp_path / "wanted" / "spack.lock", lock(*wanted, version=5))
    answer = graph.want_lock(path)
    reasons = {row["package"]: row.get("no_candidate") for row in answer["specs"]}
    assert reasons == {"openssl": "external", "perl": "does not run", "tcl": "no stack"}
    *_, missing = question_class("want")(spec="").tables(answer)
    assert [(row[0], row[3]) for row in missing.rows] == [
        ("openssl", "the stacks have it only as an external"),
        ("perl", "none that the stacks have runs there"),
        ("tcl", "none of the stacks has the package"),
    ]


def test_lock_file_elsewhere(cache: cachegraph.Graph, wanted: Path) -> None:
    answer = cache.want_lock(wanted, on="linux-ubuntu22.04-zen4")
    # What was to be built for another target than the machine's may be, and so may the machine's.
    perl = [("hash", f"/{IN_LOCK[3]['hash']}", f"/{IN_CACHE[3]['hash']}")]
    hdf5 = [("target", "zen4", "x86_64_v3")]
    assert states(answer) == {**LOCKED, "perl": ("near", perl), "hdf5": ("near", hdf5)}
    nowhere = cache.want_lock(wanted, on="linux-sles15-zen4")
    assert [nowhere[name] for name in COUNTS] == [1, 0, 6, 1, 7]  # type: ignore[literal-required]  # a count


FOUND = (
    "hdf5",
    "hdf5@1.14+mpi",
    "hdf5~mpi %gcc@11",
    "hdf5 ^zlib-ng+new_strategies",
    "hdf5 ^mpi",
    "hdf5 ++shared",
    "perl ^zlib-ng~new_strategies",
    "cmake %[virtuals=zlib-api] zlib-ng",
)


def test_what_fits_is_what_find_finds(real: Load) -> None:
    graph = real(fixture("locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz"))
    for text in FOUND:
        found = {row["hash"] for row in graph.find(text)["specs"]}
        answer = graph.want(text, limit=100)
        assert {row["hash"] for row in answer["candidates"] if not row["differs"]} == found
        assert {row["hash"] for row in answer["candidates"] if row["rank"] == 1} >= found != set()


def look(one: oracle.Spec) -> str:
    """All that can be seen of a spec, as text."""
    seen = ("name", "version", "variants", "flags", "compiler", "platform", "os", "target")
    return json.dumps({name: one[name] for name in seen}, sort_keys=True)  # type: ignore[literal-required]  # some of its keys


@pytest.mark.slow
def test_real_lock_files(real: Load) -> None:
    """What is available and what looks the same, by a plain reading of both files."""
    folder = "locks/e4s-24.11/amd64-gcc-{}-ubuntu22.04/spack.lock.gz"
    cuda, rocm = (fixture(folder.format(gpu)) for gpu in ("cuda", "rocm"))
    held, asked = oracle.read(cuda).specs, oracle.read(rocm).specs
    built = {hash_: one for hash_, one in asked.items() if one["external"] is None}
    looks = {look(one) for one in held.values() if one["external"] is None}
    answer = real(cuda).want_lock(rocm)
    available = built.keys() & held.keys()
    alike = {h for h, one in built.items() if look(one) in looks} - available
    assert answer["external"] == len(asked) - len(built) == 23
    assert {row["hash"] for row in answer["specs"] if row["available"]} == available
    by_hash = {row["hash"] for row in answer["specs"] if _hidden(row)}
    assert by_hash == alike
    assert 0 < len(alike) <= answer["near"]


def _hidden(row: Any) -> bool:
    return [one["what"] for one in row["differs"]] == ["hash"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("spack.lock", "{", "JSON"),
        ("specs.md", "---\n", "front matter"),
        ("x.spec.json", json.dumps({"spec": {"_meta": {"version": 4}, "nodes": []}}), "not a lock"),
        ("none.lock", None, "no such file"),
    ],
)
def test_no_lock_file(name: str, text: str | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with cachegraph.open(":memory:") as graph:
        graph.import_(write(tmp_path / "cache" / "spack.lock", lock(node("zlib"))))
        with pytest.raises(cachegraph.CacheGraphError, match=said):
            graph.want_lock(path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("notes.txt", "buy milk", "nothing that Spack writes: it begins with 'buy milk'"),
        ("find.json", "[]", "JSON, but none of Spack's: it begins with '[]'"),
        ("spack.yaml", "spack:\n  specs: []\n", "an environment's spack.yaml, not its lock file"),
        ("index.json", json.dumps(index()), "not a lock file: its format is index.json"),
        ("spack.lock", "hello", "line 1: not JSON: found 'hello'"),
    ],
)
def test_what_is_no_lock_file_is_told_what_one_is(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(cachegraph.FormatError) as caught:
        cachegraph.open(":memory:").want_lock(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert (caught.value.hint or "").startswith("a lock file is the spack.lock that spack concret")


def test_on_the_command_line(tmp_path: Path, wanted: Path) -> None:
    store = str(tmp_path / "graph.db")
    cached = write(tmp_path / "cache" / "spack.lock", lock(*IN_CACHE, version=5))
    cachegraph.open(store).import_(cached)

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli, ["want", *words, "--store", store])

    summary = run("--lock", str(wanted), "--section", "summary").stdout
    counts = "state\tspecs\navailable\t1\nnear\t3\nmissing\t3\nexternal\t1\ntotal\t7\n"
    assert summary == counts
    rows = run("zlib", "%gcc@11", "--on", "linux-ubuntu22.04-zen").stdout.splitlines()
    assert rows[1].split("\t")[2] == "target x86_64_v3, not zen"
    assert run("zlib", "--exit-code").exit_code == 0
    assert run("zlib@2", "--exit-code").exit_code == 1
    assert run("--lock", str(wanted), "--exit-code").exit_code == 1
    assert run("--lock", str(cached), "--exit-code").exit_code == 0
    assert run().exit_code == run("zlib", "--lock", str(wanted)).exit_code == 2
