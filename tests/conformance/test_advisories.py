"""What the advisories of a document reach: answers by hand, the same on every store."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from cachegraph.analysis.advisories import advisories_of
from cachegraph.cli import cli
from cachegraph.errors import FetchError, FormatError
from cachegraph.questions.affected import AffectedAnswer
from tests.conftest import Load
from tests.support.corpus import lock, needs, node, write

OLD = node("zlib", version="1.2.11")
NEW = node("zlib", version="1.3.1", namespace="my.repo")
NUMPY = node("py-numpy", needs(OLD), version="1.26")
APP = node("app", needs(NUMPY, "run"))
TOOL = node("tool", needs(NEW))


@pytest.fixture
def graph(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """v1/one: app, py-numpy and zlib@1.2.11; v2/two: tool and zlib@1.3.1 of another namespace."""
    write(module_path / "envs" / "v1" / "one" / "spack.lock", lock(APP, NUMPY, OLD))
    write(module_path / "envs" / "v2" / "two" / "spack.lock", lock(TOOL, NEW))
    return load_once(module_path / "envs")


def osv(name: str, *events: dict[str, str], ecosystem: str = "", **more: Any) -> dict[str, Any]:
    affected = {"package": {"ecosystem": ecosystem, "name": name}, **more}
    if events:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": [*events]}]
    return {"id": "CVE-1", "affected": [affected]}


def asked(graph: cachegraph.Graph, folder: Path, document: Any, **given: Any) -> AffectedAnswer:
    return graph.affected_by(write(folder / "advisory.json", document), **given)


def versions(answer: AffectedAnswer) -> list[str]:
    return [row["version"] for row in answer["matched"]]


@pytest.mark.newest
def test_a_range(graph: cachegraph.Graph, tmp_path: Path) -> None:
    document = osv("Zlib", {"introduced": "0"}, {"fixed": "1.3"}, ecosystem="OSS-Fuzz")
    answer = asked(graph, tmp_path, document)
    assert versions(answer) == ["1.2.11"]
    assert [(row["package"], row["via"]["package"]) for row in answer["specs"]] == [
        ("py-numpy", "zlib"),
        ("app", "py-numpy"),
    ]
    assert [(row["package"], row["stack"]) for row in answer["roots"]] == [("app", "v1/one")]
    assert answer["roots"][0]["via"]["package"] == "py-numpy"
    assert answer["releases"] == ["v1"]
    assert answer["advisories"] == [
        {
            "id": "CVE-1",
            "package": "Zlib",
            "packages": ["zlib"],
            "guess": True,
            "hashes": [OLD["hash"]],
        }
    ]
    assert answer["notes"] == [
        "a guess: packages of other ecosystems are taken to be those of Spack with such names: Zlib"
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], ["1.2.11", "1.3.1"]),
        ([{"introduced": "1.3"}], ["1.3.1"]),
        ([{"introduced": "0"}, {"last_affected": "1.2.11"}], ["1.2.11"]),
        ([{"introduced": "0"}, {"fixed": "1.2.11"}], []),
        ([{"fixed": "1.2.5"}, {"introduced": "0"}, {"introduced": "1.3"}], ["1.3.1"]),
        ([{"introduced": "0"}, {"limit": "1.3.1"}], ["1.2.11"]),
        # 1.2.11 comes after 1.2.9.
        ([{"introduced": "1.2.9"}, {"fixed": "1.3.1"}], ["1.2.11"]),
    ],
)
def test_events(
    graph: cachegraph.Graph, tmp_path: Path, events: list[dict[str, str]], expected: list[str]
) -> None:
    assert versions(asked(graph, tmp_path, osv("zlib", *events))) == expected


def test_listed_versions(graph: cachegraph.Graph, tmp_path: Path) -> None:
    document = osv("zlib", versions=["1.3.1", "1.3.2"])
    assert versions(asked(graph, tmp_path, document)) == ["1.3.1"]


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        (f"pkg:spack/builtin/zlib@1.2.11?sha={OLD['hash']}", ["1.2.11"]),
        (f"pkg:spack/builtin/zlib@1.2.11?sha={NEW['hash']}", []),
        ("pkg:spack/builtin/zlib", ["1.2.11"]),
        ("pkg:spack/my.repo/zlib", ["1.3.1"]),
        ("pkg:spack/zlib@1.3.1", ["1.3.1"]),
        ("pkg:spack/Zlib", []),  # exactly
        ("pkg:generic/Zlib", ["1.2.11", "1.3.1"]),
    ],
)
def test_package_urls(
    graph: cachegraph.Graph, tmp_path: Path, purl: str, expected: list[str]
) -> None:
    document = {"id": "X", "affected": [{"package": {"purl": purl, "name": "zlib"}}]}
    answer = asked(graph, tmp_path, document)
    assert versions(answer) == expected
    assert answer["advisories"][0]["guess"] is not purl.startswith("pkg:spack")


def test_other_ecosystems(graph: cachegraph.Graph, tmp_path: Path) -> None:
    answer = asked(graph, tmp_path, osv("NumPy", ecosystem="PyPI"))
    assert answer["advisories"][0]["packages"] == ["py-numpy"]
    answer = asked(graph, tmp_path, osv("github.com/madler/zlib", ecosystem="Go"))
    assert answer["advisories"][0]["packages"] == ["zlib"]


def test_several_and_what_names_nothing(graph: cachegraph.Graph, tmp_path: Path) -> None:
    commits = {"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}
    documents = [
        osv("app"),
        {**osv("tool"), "id": "CVE-2", "withdrawn": "2026-01-01T00:00:00Z"},
        {**osv("nosuch"), "id": "CVE-3"},
        {"id": "CVE-4", "affected": [{"ranges": [commits]}]},
        {"id": "CVE-5"},
        {**osv("zlib", ranges=[commits]), "id": "CVE-6"},
    ]
    for document in (documents, {"vulns": documents}):
        answer = asked(graph, tmp_path, document)
        assert [row["package"] for row in answer["matched"]] == ["app"]
        assert answer["notes"][1:] == [
            "no package has such a name: nosuch",
            "CVE-2 was withdrawn",
            "CVE-4 names a repository, and no package",
            "CVE-5 names no package",
            "CVE-6 tells of commits, which are not compared",
        ]


def vex(*affects: dict[str, Any], **more: Any) -> dict[str, Any]:
    zlib = {"bom-ref": "z", "type": "library", "name": "zlib", "version": "1.3.1"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [zlib],
        "vulnerabilities": [{"id": "CVE-1", "affects": [*affects], **more}],
    }


@pytest.mark.parametrize(
    ("affects", "expected"),
    [
        ({"ref": "z"}, ["1.3.1"]),
        ({"ref": "urn:cdx:12345678-1234-1234-1234-123456789012/1#z"}, ["1.3.1"]),
        ({"ref": "pkg:spack/builtin/zlib@1.2.11"}, ["1.2.11"]),
        ({"ref": "pkg:generic/zlib"}, ["1.2.11", "1.3.1"]),
        ({"ref": "z", "versions": [{"version": "1.2.11"}]}, ["1.2.11"]),
        ({"ref": "z", "versions": [{"range": "vers:generic/*"}]}, ["1.2.11", "1.3.1"]),
        ({"ref": "z", "versions": [{"range": "vers:generic/<1.3"}]}, ["1.2.11"]),
        ({"ref": "z", "versions": [{"range": "vers:generic/>=1.2|<1.2.11|>1.3"}]}, ["1.3.1"]),
        ({"ref": "z", "versions": [{"range": "vers:generic/>=1|!=1.3.1"}]}, ["1.2.11"]),
        (
            {
                "ref": "z",
                "versions": [
                    {"range": "vers:generic/*"},
                    {"version": "1.3.1", "status": "unaffected"},
                ],
            },
            ["1.2.11"],
        ),
        ({"ref": "elsewhere"}, []),
    ],
)
def test_vex(
    graph: cachegraph.Graph, tmp_path: Path, affects: dict[str, Any], expected: list[str]
) -> None:
    assert versions(asked(graph, tmp_path, vex(affects))) == expected


def test_vex_that_says_it_is_harmless(graph: cachegraph.Graph, tmp_path: Path) -> None:
    document = vex({"ref": "z"}, analysis={"state": "not_affected"})
    answer = asked(graph, tmp_path, document)
    assert answer["matched"] == []
    assert answer["notes"][0] == "CVE-1 is left out: its state is not_affected"


def test_some_stacks(graph: cachegraph.Graph, tmp_path: Path) -> None:
    answer = asked(graph, tmp_path, osv("zlib"), release="v2")
    assert [row["key"] for row in answer["stacks"]] == ["v2/two"]


# Ranges against what OSV says: of the events up to a version the last one counts


NUMBERS = st.integers(0, 9)


@given(
    events=st.lists(
        st.tuples(st.sampled_from(["introduced", "fixed", "last_affected"]), NUMBERS),
        unique_by=lambda event: event[1],
        min_size=1,
        max_size=5,
    )
)
def test_events_against_their_definition(events: Sequence[tuple[str, int]]) -> None:
    document = osv("zlib", *({kind: f"{number}.5"} for kind, number in events))
    ((_, _, affected),) = advisories_of(document, "here").found
    for tenth in range(100):
        version = f"{tenth // 10}.{tenth % 10}"
        at, vulnerable = tenth, False
        for kind, number in sorted(events, key=lambda event: event[1]):
            place = number * 10 + 5
            if kind == "introduced" and at >= place:
                vulnerable = True
            if (kind == "fixed" and at >= place) or (kind == "last_affected" and at > place):
                vulnerable = False
        assert affected.contain(version) == vulnerable, version


# What is no advisory


@pytest.mark.parametrize(
    "document", [{}, [], 1, "text", [1], {"id": "x", "affected": 1}, {"vulns": {"a": 1}}]
)
def test_what_is_no_advisory(tmp_path: Path, document: Any) -> None:
    graph = cachegraph.open(":memory:")
    if document == []:
        assert advisories_of(document, "here") == ([], [])
        return
    with pytest.raises(FormatError, match=r"advisory\.json: neither an advisory of OSV nor"):
        asked(graph, tmp_path, document)


def test_what_is_no_json_or_not_there(tmp_path: Path) -> None:
    graph = cachegraph.open(":memory:")
    with pytest.raises(FormatError):
        asked(graph, tmp_path, b"no JSON")
    with pytest.raises(FetchError):
        graph.affected_by(tmp_path / "nosuch.json")
    with pytest.raises(FetchError):
        graph.affected_by(tmp_path)


def test_the_command(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(write(tmp_path / "spack.lock", lock(APP, NUMPY, OLD)))
    path = write(tmp_path / "advisory.json", osv("zlib"))
    words = ["affected", "--store", str(store), "--from-osv"]
    result = CliRunner().invoke(cli, [*words, str(path), "--exit-code", "--section", "advisories"])
    assert result.exit_code == 1
    assert result.stdout == "id\tpackage\tpackages\tguess\tspecs\nCVE-1\tzlib\tzlib\tguess\t1\n"
    assert "Note: a guess: " in result.stderr
    result = CliRunner().invoke(cli, [*words, "-", "--json"], input=json.dumps(osv("zlib")))
    assert json.loads(result.stdout)["spec"] == "-"
    for wrong in (words[:-1], [*words, str(path), "zlib"]):
        assert CliRunner().invoke(cli, wrong).exit_code == 2
