"""cachegraph load: a graph arrives whole, whatever stops it on the way; nothing else moves."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.analysis.comparison.levels import LEVELS
from cachegraph.cli import cli
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES
from tests.benchmarks.generate_index import write_index
from tests.support.corpus import index, needs, node, page, spec, view, write
from tests.support.known_answers import fixture
from tests.support.loading import (
    MARKER,
    PATIENCE,
    Contents,
    begin,
    counted,
    environment,
    in_database,
    in_store,
    loading,
    run,
)
from tests.support.realfiles import lock
from tests.support.sample import PAGES
from tests.support.server import Database, Server

pytestmark = pytest.mark.neo4j

LABELS = [type_.label for type_ in NODE_TYPES]
TYPES = [type_.name for type_ in RELATIONSHIP_TYPES]


def loaded(source: Path, location: str, **more: Any) -> dict[str, Any]:
    """The answer of a load, but for what it repeats."""
    with cachegraph.open(source) as graph:
        answer: dict[str, Any] = {**graph.load(location, **more)}
    assert answer.pop("question") == "load"
    assert answer.pop("location") == location
    return answer


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file store of four real pages, a real lock file, and a build cache with two views."""
    folder = tmp_path_factory.mktemp("source")
    zlib = node("zlib", namespace="other")
    curl = node("curl", needs(zlib, "build", virtuals=["zlib-api"]), needs(node("gone")))
    view(folder / "mirror", zlib, curl)
    view(folder / "mirror", zlib, name="small", outside=[curl])
    path = folder / "graph.db"
    graph = cachegraph.open(path)
    graph.import_(PAGES, folder / "mirror")
    graph.import_(fixture(lock("radiuss")))
    return path


SPECS, AT_ONCE = 2_500, 2_000


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file store with 2,500 specs: it is loaded in several transactions, of 2,000 nodes each."""
    folder = tmp_path_factory.mktemp("big")
    path = folder / "graph.db"
    write_index(folder / "index.json", SPECS)
    cachegraph.open(path).import_(folder / "index.json")
    return path


@pytest.mark.newest
def test_all_of_a_graph_arrives(source: Path, neo4j_store: str, neo4j_server: Database) -> None:
    whole = in_store(source)
    nodes, relationships = len(whole.nodes), len(whole.relationships)
    assert counted(whole, LABELS) == nodes
    assert nodes > 500
    assert all(whole.counts[kind] for kind in {*LABELS, *TYPES} - {"BUILT_AS"})
    copied = {"nodes": nodes, "relationships": relationships, "removed": 0, "conflicts": 0}
    first = loaded(source, neo4j_store)
    assert first == {**copied, "new_nodes": nodes, "new_relationships": relationships}
    assert in_database(neo4j_server) == in_store(neo4j_store) == whole
    again = loaded(source, neo4j_store)
    assert again == {**copied, "new_nodes": 0, "new_relationships": 0}
    assert in_database(neo4j_server) == whole
    answers_are_equal(source, neo4j_store)


def answers_are_equal(source: Path, location: str) -> None:
    with cachegraph.open(source) as file, cachegraph.open(location) as neo4j:
        stacks = [row["key"] for row in file.stacks()["stacks"]]
        assert len(stacks) > 5
        spec_ = file.overlap(*ML)["shared"][0]["hash"]
        questions: list[Callable[[cachegraph.Graph], Any]] = [
            lambda graph: graph.stats(),
            lambda graph: graph.releases(),
            lambda graph: graph.stacks(),
            lambda graph: graph.stacks("develop"),
            lambda graph: graph.show(f"/{spec_[:9]}"),
            lambda graph: graph.show("py-mpi4py"),
            lambda graph: graph.overlap(*ML),
            lambda graph: graph.overlap(*stacks[:3]),
            lambda graph: graph.verify(),
            *(lambda graph, level=level: graph.matrix(level=level) for level in LEVELS),
        ]
        for ask in questions:
            assert ask(neo4j) == ask(file)


ML = ("develop/ml-linux-x86_64-cpu", "develop/ml-linux-x86_64-cuda")


@pytest.mark.newest
def test_a_database_without_a_graph_says_so(neo4j_emptied: str) -> None:
    with cachegraph.open(neo4j_emptied) as graph, pytest.raises(cachegraph.StoreError) as caught:
        graph.stats()
    assert caught.value.message == f"{neo4j_emptied}: no graph of cachegraph is in the database"
    assert caught.value.hint == f"load one: cachegraph load {neo4j_emptied}"


# Stopped on the way


@pytest.mark.slow
def test_a_client_killed_at_many_moments(
    big: Path, neo4j_store: str, neo4j_server: Database
) -> None:
    whole = in_store(big)
    nodes, relationships = len(whole.nodes), len(whole.relationships)
    in_one_go = loaded(big, neo4j_store)
    assert (in_one_go["new_nodes"], in_one_go["new_relationships"]) == (nodes, relationships)
    expected = in_database(neo4j_server)
    assert expected.digest == whole.digest
    neo4j_server.empty()
    # Somewhere in its first part, then in that with most of the specs, then after that.
    some = nodes - SPECS + AT_ONCE
    for told in (1, nodes - SPECS, some):
        with loading(big, neo4j_store, told=told, halted=some) as process:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGKILL
    halfway(in_database(neo4j_server), expected)
    finished(big, neo4j_store, neo4j_server, expected)


def halfway(there: Contents, expected: Contents) -> None:
    """Not all is there; but the specs that are, with all that leads from them."""
    assert 0 < there.counts["Spec"] < expected.counts["Spec"]
    assert there.nodes.items() <= expected.nodes.items()
    complete = [row for row in expected.relationships if row[1] in there.nodes]
    assert there.relationships == complete


def finished(big: Path, location: str, database: Database, expected: Contents) -> None:
    """The same command is run again, and all is there, once."""
    done = run("load", location, "--store", big, "--json", env=os.environ | environment(database))
    assert done.returncode == 0, done.stderr
    there = in_database(database)
    assert there.counts == expected.counts
    assert there.digest == expected.digest


@pytest.mark.slow
def test_a_server_killed_on_the_way(big: Path, neo4j_process: Server) -> None:
    database = neo4j_process.database
    database.wipe()
    expected = in_store(big)
    environ = os.environ | environment(database)
    some = len(expected.nodes) - SPECS + AT_ONCE
    part = partial(loading, big, database.uri, halted=some)
    # Back while the client still tries: it goes on by itself.
    with part(told=1, env=environ | {"CACHEGRAPH_TIMEOUT": str(PATIENCE)}) as process:
        neo4j_process.kill()
        neo4j_process.start()
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert in_database(database).digest == expected.digest
    database.empty()
    # Away for longer than the client waits: it says what to do.
    with part(told=some, env=environ | {"CACHEGRAPH_TIMEOUT": "3"}) as process:
        neo4j_process.kill()
        _, said = process.communicate(timeout=PATIENCE)
    # It was not stopped in good order: what it had committed is there all the same.
    stopped = neo4j_process.admin("database", "info", "neo4j")
    assert "needs recovery: true" in " ".join(stopped.stdout.split()), stopped.stderr
    neo4j_process.start()
    assert process.returncode == 2
    assert said.startswith(f"Error: {database.uri}: ")
    assert "run it again" in said
    assert "Traceback" not in said
    halfway(in_database(database), expected)
    finished(big, database.uri, database, expected)


@pytest.mark.newest
def test_two_at_once(source: Path, neo4j_store: str, neo4j_server: Database) -> None:
    words = ("load", neo4j_store, "--store", source, "--json")
    with begin(*words) as one, begin(*words) as other:
        said = [process.communicate(timeout=PATIENCE) for process in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0), said
    whole = in_store(source)
    assert in_database(neo4j_server) == whole
    answers = [json.loads(out) for out, _ in said]
    assert sum(answer["new_nodes"] for answer in answers) == len(whole.nodes)
    assert sum(answer["new_relationships"] for answer in answers) == len(whole.relationships)


# Into a graph that is there


@pytest.mark.newest
def test_a_second_graph_adds_to_the_first(tmp_path: Path, neo4j_emptied: str) -> None:
    zlib, cmake = node("zlib"), node("cmake")
    curl = node("curl", needs(zlib), needs(cmake, "build"))
    left = write(tmp_path / "left/index.json", index(curl, cmake))  # zlib is a stub
    right = write(tmp_path / "right/index.json", index(zlib, cmake, node("hdf5", needs(zlib))))
    # A page knows stacks and no dependencies, and nothing of the recipe.
    fields = {"hash": cmake["hash"], "compiler": "none", "variants": ["build_system=cmake"]}
    site = tmp_path / "site.md"
    site.write_text(page("cmake", [spec("a", "e4s", **fields)]))
    graphs = {name: cachegraph.open(tmp_path / f"{name}.db") for name in ("a", "b", "both")}
    graphs["a"].import_(left)
    graphs["b"].import_(right, site)
    graphs["both"].import_(left)
    graphs["both"].import_(right, site)
    first = loaded(tmp_path / "a.db", neo4j_emptied)
    with cachegraph.open(neo4j_emptied) as graph:
        assert "package" not in graph.show(f"/{zlib['hash']}")["specs"][0]
    second = loaded(tmp_path / "b.db", neo4j_emptied)
    together = in_store(tmp_path / "both.db").without("Source", "imported_at")
    assert in_store(neo4j_emptied).without("Source", "imported_at") == together
    assert together.nodes["Spec", zlib["hash"]]["package"] == "zlib"
    assert first["new_nodes"] + second["new_nodes"] == len(together.nodes)
    assert first["new_relationships"] + second["new_relationships"] == len(together.relationships)
    assert second["conflicts"] == 0
    # Once more, the first: what the second has filled in stays.
    assert loaded(tmp_path / "a.db", neo4j_emptied)["new_nodes"] == 0
    assert in_store(neo4j_emptied).without("Source", "imported_at") == together


@pytest.mark.newest
def test_the_first_contents_of_a_hash_are_kept(tmp_path: Path, neo4j_emptied: str) -> None:
    for name, os_ in (("first", "ubuntu22.04"), ("second", "rhel9")):
        path = tmp_path / f"{name}.md"
        path.write_text(page("zlib", [spec("a", "e4s", os=os_), spec("b", "e4s")]))
        cachegraph.open(tmp_path / f"{name}.db").import_(path)
    assert loaded(tmp_path / "first.db", neo4j_emptied)["conflicts"] == 0
    assert loaded(tmp_path / "second.db", neo4j_emptied)["conflicts"] == 1
    with cachegraph.open(neo4j_emptied) as graph:
        assert [card["os"] for card in graph.show("zlib")["specs"]] == ["ubuntu22.04"] * 2
    assert in_store(neo4j_emptied).counts["Source"] == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["x=a\x1fy=b"], ["x=a", "y=b"]),
        (["x=a", "y=b"], ["x=a\x1fy=b"]),
        (["x=a\x02y=b"], ["x=a", "y=b"]),
        (["x=a", "y=b"], ["x=a\x02y=b"]),
        (["x=a\x021\x1f\x01"], ["x=a"]),
        (["x=a\x1fy=b"], ["x=a\x1fy=b"]),
    ],
)
def test_values_with_what_separates_others(
    tmp_path: Path, neo4j_emptied: str, neo4j_server: Database, first: list[str], second: list[str]
) -> None:
    """Nothing but the list differs."""
    path = tmp_path / "site.md"
    path.write_text(page("zlib", [spec("a", "e4s", variants=first)]))
    cachegraph.open(tmp_path / "graph.db").import_(path)
    assert loaded(tmp_path / "graph.db", neo4j_emptied)["conflicts"] == 0
    neo4j_server.run("MATCH (s:Spec) SET s.variants = $second", second=second)
    assert loaded(tmp_path / "graph.db", neo4j_emptied)["conflicts"] == (first != second)
    assert neo4j_server.run("MATCH (s:Spec) RETURN s.variants AS v") == [{"v": second}]


def test_a_value_that_stands_for_none(
    tmp_path: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    """A node that lacks the value gets it."""
    (path := tmp_path / "site.md").write_text(page("zlib", [spec("a", "e4s", os="\x01")]))
    cachegraph.open(tmp_path / "graph.db").import_(path)
    loaded(tmp_path / "graph.db", neo4j_emptied)
    neo4j_server.run("MATCH (s:Spec) SET s.os = null")
    assert loaded(tmp_path / "graph.db", neo4j_emptied)["conflicts"] == 0
    assert neo4j_server.run("MATCH (s:Spec) RETURN s.os AS os") == [{"os": "\x01"}]


# What is not ours


def foreign(database: Database) -> Any:
    """Everything that others have there."""
    return database.run(
        "MATCH (n) WHERE n:Person OR n:Package AND n.tracking IS NOT NULL "
        "OPTIONAL MATCH (n)-[r]->(m) RETURN labels(n) AS labels, properties(n) AS said, "
        "type(r) AS type, properties(r) AS joined, m.name AS end ORDER BY n.name"
    )


def constraints(database: Database) -> list[str]:
    return [row["name"] for row in database.run("SHOW CONSTRAINTS YIELD name ORDER BY name")]


@pytest.mark.newest
def test_what_others_have_there_stays(
    source: Path, neo4j_store: str, neo4j_server: Database
) -> None:
    neo4j_server.run("CREATE (:Person {name: 'a'})-[:KNOWS {since: 1843}]->(:Person {name: 'b'})")
    neo4j_server.run("CREATE CONSTRAINT people FOR (n:Person) REQUIRE n.name IS UNIQUE")
    before = foreign(neo4j_server)
    assert len(before) == 2
    whole = in_store(source)
    for replace in (False, True):
        answer = loaded(source, neo4j_store, replace=replace)
        # The marker goes too.
        assert answer["removed"] == (len(whole.nodes) + 1 if replace else 0)
        assert answer["new_nodes"] == len(whole.nodes)
        assert foreign(neo4j_server) == before
        assert in_database(neo4j_server) == whole
    assert "people" in constraints(neo4j_server)


def refused(*words: str | Path) -> str:
    """What a command says that ends in trouble, as it should: one error, one hint."""
    result = CliRunner().invoke(cli, [*map(str, words)])
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    error, hint = result.stderr.splitlines()
    assert error.startswith("Error: ")
    assert hint.startswith("Hint: ")
    assert result.stdout == ""
    return result.stderr


@pytest.mark.parametrize("more", [(), ("--replace", "--yes")])
@pytest.mark.newest
def test_labels_of_ours_that_others_use(
    source: Path, neo4j_store: str, neo4j_server: Database, more: tuple[str, ...]
) -> None:
    neo4j_server.run("CREATE (:Package {name: 'parcel', tracking: 7})-[:TO]->(:Person {name: 'a'})")
    before = foreign(neo4j_server)
    said = refused("load", neo4j_store, "--store", source, *more)
    assert "1 nodes labelled Package that cachegraph did not load" in said
    assert foreign(neo4j_server) == before
    assert neo4j_server.size() == 2
    assert constraints(neo4j_server) == []


@pytest.mark.newest
def test_a_constraint_that_has_our_name(
    source: Path, neo4j_store: str, neo4j_server: Database
) -> None:
    neo4j_server.run(
        "CREATE CONSTRAINT cachegraph_spec_key FOR (n:Person) REQUIRE n.name IS UNIQUE"
    )
    said = refused("load", neo4j_store, "--store", source)
    assert "the constraint cachegraph_spec_key is" in said
    assert "on Person(name), which should make Spec(hash) unique" in said
    assert neo4j_server.size() == 0
    assert constraints(neo4j_server) == ["cachegraph_spec_key"]


@pytest.mark.newest
def test_a_graph_of_another_model(source: Path, neo4j_emptied: str, neo4j_server: Database) -> None:
    neo4j_server.run(f"CREATE (:{MARKER} {{key: 'graph', model: 2}}), (:Spec {{hash: 'a'}})")
    for words in (("load", neo4j_emptied, "--store", source), ("stats", "--store", neo4j_emptied)):
        said = refused(*map(str, words))
        assert "model 2, this one reads 1" in said
        assert "cachegraph load URI --replace" in said
        assert neo4j_server.size() == 2
    assert loaded(source, neo4j_emptied, replace=True)["removed"] == 2
    assert in_database(neo4j_server) == in_store(source)


@pytest.mark.newest
def test_replace_asks(
    tmp_path: Path, source: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    loaded(source, neo4j_emptied)
    before = in_database(neo4j_server)
    small = tmp_path / "small.db"
    path = tmp_path / "zlib.md"
    path.write_text(page("zlib", [spec("a", "e4s")]))
    cachegraph.open(small).import_(path)
    words = ("load", neo4j_emptied, "--store", small, "--replace", "--json")
    for answer in ("n\n", ""):
        done = run(*words, input=answer)
        assert done.returncode == 130
        assert f"Remove all nodes of cachegraph from {neo4j_emptied}? [y/N]" in done.stderr
        assert done.stdout == ""
        assert in_database(neo4j_server) == before
    done = run(*words, "--yes", stdin=subprocess.DEVNULL, input=None)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["removed"] == len(before.nodes) + 1
    assert in_database(neo4j_server) == in_store(small)
    done = run(*words, input="y\n")
    assert json.loads(done.stdout)["removed"] == len(in_store(small).nodes) + 1
