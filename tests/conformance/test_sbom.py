"""Bills of materials: what they list, worked out by hand, and valid as their libraries judge."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.errors import AmbiguousHashError, NotFoundError, UsageError
from cachegraph.reading.discover import SAMPLE
from tests.conftest import Load
from tests.oracles import documents as oracle
from tests.support.corpus import dag_hash, index, lock, needs, node, page, spec, write
from tests.support.known_answers import fixture
from tests.support.realfiles import lock as real_lock

pytest.importorskip("cyclonedx")
pytest.importorskip("spdx_tools")
FORMS = ("cyclonedx", "spdx")
GHOST = {"name": "ghost", "hash": dag_hash("ghost")}
ZLIB = node("zlib", needs(GHOST, "link"), version="1.3")
CMAKE = node("cmake", version="3.30")
APP = node("app", needs(CMAKE, "build"), needs(ZLIB, "build", "link", "run"))
ALONE = node("alone", needs(ZLIB, "test"))


@pytest.fixture(autouse=True)
def _no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def graph(load: Load, tmp_path: Path) -> cachegraph.Graph:
    """app needs cmake (build) and zlib (build, link, run), zlib a stub; alone zlib (test)."""
    write(tmp_path / "v1" / "env" / "spack.lock", lock(APP, CMAKE, ZLIB, ALONE))
    return load(tmp_path)


def check_valid(document: Mapping[str, Any]) -> None:
    if "bomFormat" in document:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator

        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None
        return
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    read = JsonLikeDictParser().parse(dict(document))  # type: ignore[no-untyped-call]
    assert validate_full_spdx_document(read) == []


@pytest.mark.newest
def test_cyclonedx_of_a_stack(graph: cachegraph.Graph) -> None:
    bill = graph.sbom("v1/env")
    check_valid(bill)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    subject = bill["metadata"]["component"]
    assert (subject["name"], subject["version"], subject["bom-ref"]) == ("env", "v1", "v1/env")
    assert "timestamp" not in bill["metadata"]
    parts = {part["name"]: part for part in bill["components"]}
    assert [*parts] == ["alone", "app", "cmake", "zlib", "/" + GHOST["hash"]]
    assert parts["zlib"]["version"] == "1.3"
    assert parts["zlib"]["purl"] == f"pkg:spack/builtin/zlib@1.3?sha={ZLIB['hash']}"
    assert parts["zlib"]["bom-ref"] == ZLIB["hash"]
    ghost = parts["/" + GHOST["hash"]]
    assert "purl" not in ghost
    assert "version" not in ghost
    told = {(row["name"], row["value"]) for row in parts["app"]["properties"]}
    assert {
        ("spack:hash", APP["hash"]),
        ("spack:target", "x86_64_v3"),
        ("spack:variants", "build_system=cmake"),
        ("spack:depends:build", CMAKE["hash"]),
        ("spack:depends:build", ZLIB["hash"]),
        ("spack:depends:link", ZLIB["hash"]),
        ("spack:depends:run", ZLIB["hash"]),
    } <= told
    uses = {row["ref"]: row.get("dependsOn", []) for row in bill["dependencies"]}
    # app is the only root.
    assert uses == {
        "v1/env": [APP["hash"]],
        APP["hash"]: sorted([CMAKE["hash"], ZLIB["hash"]]),
        ALONE["hash"]: [ZLIB["hash"]],
        ZLIB["hash"]: [GHOST["hash"]],
        CMAKE["hash"]: [],
        GHOST["hash"]: [],
    }


@pytest.mark.newest
def test_spdx_of_a_stack(graph: cachegraph.Graph) -> None:
    bill = graph.sbom("env", format="spdx")
    check_valid(bill)
    assert (bill["spdxVersion"], bill["name"]) == ("SPDX-2.3", "v1/env")
    assert bill["creationInfo"]["created"] == "1970-01-01T00:00:00Z"
    zlib = next(one for one in bill["packages"] if one["name"] == "zlib")
    assert [row["referenceLocator"] for row in zlib["externalRefs"]] == [
        ZLIB["hash"],
        f"pkg:spack/builtin/zlib@1.3?sha={ZLIB['hash']}",
    ]
    names = {f"SPDXRef-Spec-{one['hash']}": one["name"] for one in (APP, CMAKE, ZLIB, ALONE, GHOST)}
    names |= {"SPDXRef-DOCUMENT": "document", "SPDXRef-Stack": "stack"}
    told = sorted(
        (
            names[row["spdxElementId"]],
            row["relationshipType"],
            names[row["relatedSpdxElement"]],
            *([row["comment"]] if "comment" in row else []),
        )
        for row in bill["relationships"]
    )
    assert told == sorted(
        [
            ("document", "DESCRIBES", "stack"),
            *(("stack", "CONTAINS", name) for name in ("app", "cmake", "zlib", "alone")),
            ("stack", "DEPENDS_ON", "app"),
            ("cmake", "BUILD_DEPENDENCY_OF", "app"),
            ("zlib", "BUILD_DEPENDENCY_OF", "app"),
            ("zlib", "DEPENDENCY_OF", "app", "link"),
            ("zlib", "RUNTIME_DEPENDENCY_OF", "app"),
            ("zlib", "TEST_DEPENDENCY_OF", "alone"),
            ("ghost", "DEPENDENCY_OF", "zlib", "link"),
        ]
    )


@pytest.mark.parametrize("name", ["app", f"/{APP['hash'][:9]}", "app+shared", "app@1.0"])
def test_a_spec(graph: cachegraph.Graph, name: str) -> None:
    if "+" in name:
        with pytest.raises(NotFoundError):
            graph.sbom(name)
        return
    bill = graph.sbom(name)
    check_valid(bill)
    assert bill["metadata"]["component"]["bom-ref"] == APP["hash"]
    assert [part["name"] for part in bill["components"]] == ["cmake", "zlib", f"/{GHOST['hash']}"]
    bill = graph.sbom(name, format="spdx")
    check_valid(bill)
    assert bill["name"] == "app"
    (described,) = (
        row["relatedSpdxElement"]
        for row in bill["relationships"]
        if row["relationshipType"] == "DESCRIBES"
    )
    assert described == f"SPDXRef-Spec-{APP['hash']}"


def test_what_a_stack_needs_and_does_not_hold(load: Load, tmp_path: Path) -> None:
    path = write(tmp_path / "thin" / "index.json", index(APP, outside=[CMAKE, ZLIB]))
    bill = load(path).sbom("thin", format="spdx")
    assert {"app", "cmake", "zlib"} <= {one["name"] for one in bill["packages"]}
    held = [row for row in bill["relationships"] if row["relationshipType"] == "CONTAINS"]
    assert [row["relatedSpdxElement"] for row in held] == [f"SPDXRef-Spec-{APP['hash']}"]


def test_pages_tell_neither_roots_nor_namespaces(load: Load, tmp_path: Path) -> None:
    (tmp_path / "zlib.md").write_text(page("zlib", [spec("za", "e4s"), spec("zb", "e4s")]))
    graph = load(tmp_path)
    for form in FORMS:
        check_valid(graph.sbom("e4s", format=form))
    bill = graph.sbom("e4s")
    assert all("purl" not in part for part in bill["components"])
    uses = {row["ref"]: row.get("dependsOn") for row in bill["dependencies"]}
    assert uses["develop/e4s"] == [dag_hash("za"), dag_hash("zb")]
    with pytest.raises(AmbiguousHashError):
        graph.sbom("zlib")


@pytest.mark.parametrize("form", FORMS)
def test_odd_names_and_versions(tmp_path: Path, form: str) -> None:
    names = ("A.b_c", "größe", "a b", "a/b", "a@b", "a?x=1#f", "..", "a%20")
    nodes = [node(name, version=v) for name in names for v in ("git.v1/2=1.0", "@", ":")]
    nodes += [node("zlib", namespace=name) for name in names]
    graph = cachegraph.open(":memory:")
    graph.import_(write(tmp_path / "env" / "spack.lock", lock(*nodes)))
    check_valid(graph.sbom("env", format=form))


# A real file, read again by what reads it independently


RADIUSS = fixture(real_lock("radiuss"))


@pytest.mark.slow
def test_real_lock_file(real: Load) -> None:
    reading = oracle.read(RADIUSS)
    edges = {
        (start, end, *types)
        for start, one in reading.specs.items()
        for end, (types, _) in one["deps"].items()
    }
    graph = real(RADIUSS)
    bill = graph.sbom("radiuss")
    check_valid(bill)
    assert {part["bom-ref"] for part in bill["components"]} == reading.specs.keys()
    assert {
        (row["ref"], end) for row in bill["dependencies"] for end in row.get("dependsOn", ())
    } == {
        *((start, end) for start, end, *_ in edges),
        *(("local/radiuss", root.hash) for root in reading.roots),
    }
    told = {
        (part["bom-ref"], row["value"], row["name"].rpartition(":")[2])
        for part in bill["components"]
        for row in part["properties"]
        if row["name"].startswith("spack:depends:")
    }
    assert told == {(start, end, type_) for start, end, *types in edges for type_ in types}
    bill = graph.sbom("radiuss", format="spdx")
    check_valid(bill)
    kinds = {
        "BUILD_DEPENDENCY_OF": "build",
        "RUNTIME_DEPENDENCY_OF": "run",
        "TEST_DEPENDENCY_OF": "test",
    }
    assert told == {
        (
            row["relatedSpdxElement"].rpartition("-")[2],
            row["spdxElementId"].rpartition("-")[2],
            kinds.get(row["relationshipType"]) or row["comment"],
        )
        for row in bill["relationships"]
        if row["relationshipType"].endswith("DEPENDENCY_OF")
    }


# Of one thing always the same


@pytest.fixture
def sample() -> cachegraph.Graph:
    graph = cachegraph.open(":memory:")
    graph.import_(SAMPLE)
    return graph


@pytest.mark.parametrize("form", FORMS)
def test_the_same_contents_give_the_same_bill(
    sample: cachegraph.Graph, tmp_path: Path, form: str
) -> None:
    bill = sample.sbom("gcc-cpu", format=form)
    check_valid(bill)
    with cachegraph.open(tmp_path / "graph.db") as other:
        other.import_(SAMPLE / "e4s-24.11" / "gcc-cpu", release="e4s-24.11")
        other.import_(SAMPLE)
        assert json.dumps(other.sbom("gcc-cpu", format=form)) == json.dumps(bill)
        assert other.sbom("e4s-24.11/gcc-cuda", format=form) != bill


def identity(bill: Mapping[str, Any]) -> str:
    return str(bill.get("serialNumber") or bill["documentNamespace"])


@pytest.mark.parametrize("form", FORMS)
def test_times(sample: cachegraph.Graph, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    def time(bill: Mapping[str, Any]) -> str:
        told = bill["metadata"]["timestamp"] if form == "cyclonedx" else ""
        return str(told or bill["creationInfo"]["created"]).replace("+00:00", "Z")

    plain = sample.sbom("gcc-cpu", format=form)
    given = sample.sbom("gcc-cpu", format=form, timestamp="2026-01-31T12:00:00.5+01:00")
    check_valid(given)
    assert time(given) == "2026-01-31T11:00:00Z"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    from_environment = sample.sbom("gcc-cpu", format=form)
    assert time(from_environment) == "2026-01-01T00:00:00Z"
    assert len({*map(identity, (plain, given, from_environment))}) == 3
    assert identity(plain).startswith("urn:uuid:")


def test_what_is_no_time_or_form(sample: cachegraph.Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="yesterday: not a time"):
        sample.sbom("gcc-cpu", timestamp="yesterday")
    with pytest.raises(UsageError, match="no format rpm"):
        sample.sbom("gcc-cpu", format="rpm")
    for value in ("soon", "-1", "9" * 400):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
        with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
            sample.sbom("gcc-cpu")


def test_what_is_not_there(sample: cachegraph.Graph) -> None:
    with pytest.raises(NotFoundError, match="gcc-cup is no stack and no spec") as caught:
        sample.sbom("gcc-cup")
    assert "gcc-cpu" in str(caught.value.hint)
    with pytest.raises(NotFoundError):
        sample.sbom("/aaaaaaa")


def test_the_command(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(SAMPLE)
    run = CliRunner().invoke
    result = run(cli, ["sbom", "--store", str(store), "gcc-cpu"])
    assert json.loads(result.stdout)["bomFormat"] == "CycloneDX"
    path = tmp_path / "gcc-cpu.spdx.json"
    result = run(cli, ["sbom", "--store", str(store), "gcc-cpu", str(path)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(path.read_text())["spdxVersion"] == "SPDX-2.3"
    before = store.read_bytes()
    assert run(cli, ["sbom", "--store", str(store), "gcc-cpu", str(store)]).exit_code == 2
    assert store.read_bytes() == before


@pytest.mark.parametrize(("form", "library"), [("cyclonedx", "cyclonedx"), ("spdx", "spdx_tools")])
def test_without_the_libraries(
    sample: cachegraph.Graph, monkeypatch: pytest.MonkeyPatch, form: str, library: str
) -> None:
    for name in [one for one in sys.modules if one.startswith((f"{library}.", "cachegraph.sbom."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError) as caught:
        sample.sbom("gcc-cpu", format=form)
    assert caught.value.hint == "pip install 'cachegraph[sbom]'"
