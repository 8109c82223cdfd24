"""Ad-hoc Cypher: each wall by itself, then what is asked and how it is printed."""

import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from neo4j import Driver, Session
from neo4j.exceptions import Neo4jError

import cachegraph
from cachegraph.cli import cli
from cachegraph.errors import CacheGraphError, StoreError, UsageError
from cachegraph.neo4j import adhoc
from cachegraph.neo4j.connection import Connection
from cachegraph.output.cypher_values import cell
from tests.support.server import Database
from tests.support.terminal import in_terminal

pytestmark = pytest.mark.newest
MAKE = """
CREATE (s:Stack {key: 'develop/e4s', name: 'e4s'}),
       (a:Spec {hash: 'aaaa', package: 'zlib', variants: ['+pic', '~shared']}),
       (b:Spec {hash: 'bbbb', package: 'cmake'}),
       (a)-[:IN_STACK]->(s), (b)-[:IN_STACK]->(s), (b)-[:DEPENDS_ON {deptypes: ['link']}]->(a)
"""
WRITES = [
    "CREATE (n:Intruder)",
    "MERGE (n:Intruder)",
    "INSERT (:Intruder)",
    "MATCH (n) SET n.x = 1",
    "MATCH (n) REMOVE n:Spec",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n) FOREACH (x IN [1] | SET n.x = x)",
    "MATCH (n) CALL (n) { SET n.x = 1 } RETURN n",
    "WITH 1 AS x \\u0043REATE (n:Intruder)",
    "WITH 1 AS x \\u\uff10\uff10\uff14\uff13REATE (n:Intruder)",
]
MORE = [
    "CALL db.createLabel('Intruder')",
    "CALL dbms.listConfig() YIELD name RETURN name",
    "CREATE CONSTRAINT intruder FOR (n:Spec) REQUIRE n.package IS UNIQUE",
    "SHOW SETTINGS",
    "SHOW TRANSACTIONS",
    "SHOW USERS",
    "UNWIND [1] AS x CALL (x) { RETURN 1 AS a } IN TRANSACTIONS RETURN a",
]
ENDLESS = "UNWIND range(1, 100000) AS a UNWIND range(1, 1000000) AS b RETURN sum(a * b) AS c"


@pytest.fixture(scope="module")
def driver(neo4j_server: Database) -> Iterator[Driver]:
    with neo4j_server.driver(database=neo4j_server.name) as made:
        yield made


@pytest.fixture(scope="module")
def before(neo4j_server: Database, driver: Driver) -> Iterator[list[object]]:
    """What is in the database while the tests run: a small graph."""
    neo4j_server.wipe()
    neo4j_server.run(MAKE)
    # The hints of overlap.cypher want the index that every graph of ours has.
    neo4j_server.run("CREATE CONSTRAINT FOR (n:Stack) REQUIRE n.key IS UNIQUE")
    yield contents(driver)
    neo4j_server.wipe()


@pytest.fixture
def store(neo4j_location: str, driver: Driver, before: list[object]) -> Iterator[str]:
    """The small graph, which is the same when the test has ended."""
    yield neo4j_location
    assert contents(driver) == before


def contents(driver: Driver) -> list[object]:
    nodes = "MATCH (n) RETURN labels(n) AS l, properties(n) AS p ORDER BY n.hash, n.key"
    texts = (nodes, "MATCH ()-->() RETURN count(*)", "SHOW CONSTRAINTS YIELD name")
    return [[record.data() for record in driver.execute_query(text).records] for text in texts]


@pytest.fixture
def connection(store: str) -> Iterator[Connection]:
    with closing(Connection(store)) as connection:
        yield connection


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session that may write: the wall of reading sessions is not there."""
    with connection.session(write=True) as session:
        yield session


@pytest.fixture
def graph(store: str) -> cachegraph.Graph:
    return cachegraph.open(store)


def read(session: Session, text: str, *, timeout: float = 600.0) -> adhoc.QueryAnswer:
    return adhoc.read_rows(session, text, {}, limit=10, timeout=timeout)


# Each wall by itself


@pytest.mark.neo4j
@pytest.mark.parametrize("text", [*WRITES, *MORE])
def test_the_plan_alone_stops_it(session: Session, text: str) -> None:
    with pytest.raises(UsageError, match=r"^refused: "):
        adhoc.check_plan(session, text, {}, 30.0)


@pytest.mark.neo4j
def test_the_plan_alone_stops_reading_the_servers_files(session: Session, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("secret\n")
    csv = f"LOAD CSV FROM '{secret.as_uri()}' AS line RETURN line"
    escaped = csv.replace("LOAD", "WITH 1 AS x L\\u004fAD")
    for text in (csv, escaped, f"RETURN COUNT {{ {csv} }} AS lines"):
        with pytest.raises(UsageError, match="LOAD CSV"):
            adhoc.check_plan(session, text, {}, 30.0)


@pytest.mark.neo4j
@pytest.mark.parametrize("text", WRITES)
def test_the_reading_session_alone_stops_writing(connection: Connection, text: str) -> None:
    with connection.session() as reading, pytest.raises(Neo4jError) as refused:
        read(reading, text)
    assert refused.value.code == "Neo.ClientError.Statement.AccessMode"


@pytest.mark.neo4j
@pytest.mark.parametrize("text", [text for text in WRITES if "RETURN" not in text])
def test_the_rollback_alone_undoes_writing_and_tells(session: Session, text: str) -> None:
    with pytest.raises(UsageError, match="the query would have written; it was rolled back"):
        read(session, text)


@pytest.mark.neo4j
def test_writing_behind_the_limit_is_undone_too(session: Session) -> None:
    with pytest.raises(UsageError, match="rolled back"):
        read(session, "UNWIND range(1, 5000) AS x CREATE (n:Intruder {x: x}) RETURN n")


@pytest.mark.neo4j
def test_commits_of_parts_cannot_be_within_the_transaction(session: Session) -> None:
    text = "UNWIND [1] AS x CALL (x) { CREATE (:Intruder) } IN TRANSACTIONS RETURN x"
    with pytest.raises(Neo4jError):
        read(session, text)


@pytest.mark.neo4j
@pytest.mark.parametrize("text", [*WRITES, *MORE])
def test_all_walls_together(graph: cachegraph.Graph, text: str) -> None:
    with pytest.raises(UsageError, match=r"^refused: "):
        graph.query(text)


@pytest.mark.neo4j
def test_what_is_let_through_by_its_text_reads_by_its_plan_too(graph: cachegraph.Graph) -> None:
    for text in (
        "CALL db.labels() YIELD label RETURN label",
        "CALL db.schema.nodeTypeProperties()",
        "CALL db.schema.relTypeProperties",
        "CALL `db` . `propertyKeys`()",
        "SHOW INDEXES YIELD name RETURN name",
        "SHOW ALL CONSTRAINTS",
        "SHOW BUILT IN FUNCTIONS YIELD name RETURN name",
        "SHOW PROCEDURES",
        "CYPHER 5 runtime=slotted MATCH (n) RETURN n",
        "// only a comment\nMATCH (n) RETURN n /* and another */ ;\n",
        "MATCH (set:Spec {hash: $hash}) RETURN {delete: set.hash} AS `create`",
        "RETURN date.truncate('day', datetime()) AS d",
        "MATCH (n) FINISH",
    ):
        graph.query(text, {"hash": "aaaa"})


# The clocks


@pytest.mark.neo4j
def test_the_server_ends_what_takes_too_long(graph: cachegraph.Graph) -> None:
    # By the server's clock; if the machine is too busy for that, by ours.
    with pytest.raises(StoreError, match=r"took too long|has not ended the query"):
        graph.query(ENDLESS, timeout=1)


def test_our_clock_ends_what_the_server_does_not() -> None:
    never = threading.Event()
    with pytest.raises(StoreError, match=r"not ended the query after 0\.01 seconds"):
        adhoc.run_with_deadline(0.01, never.wait)
    never.set()


def test_work_in_time_gives_what_it_returns_and_raises() -> None:
    assert adhoc.run_with_deadline(60, lambda: None) is None
    with pytest.raises(ZeroDivisionError):
        adhoc.run_with_deadline(60, lambda: 1 / 0)


# What is asked


@pytest.mark.neo4j
def test_limits(graph: cachegraph.Graph) -> None:
    text = "UNWIND range(1, 3) AS x RETURN x, -x AS y"
    all_rows = [[1, -1], [2, -2], [3, -3]]
    exact = graph.query(text, limit=3)
    assert exact == {
        "question": "query",
        "columns": ["x", "y"],
        "rows": all_rows,
        "truncated": False,
    }
    cut = graph.query(text, limit=2)
    assert (cut["rows"], cut["truncated"]) == (all_rows[:2], True)
    assert graph.query(text, limit=0)["rows"] == []
    assert len(graph.query("UNWIND range(1, 2500) AS x RETURN x", limit=2400)["rows"]) == 2400


@pytest.mark.neo4j
def test_what_is_behind_the_limit_is_not_waited_for(graph: cachegraph.Graph) -> None:
    answer = graph.query("UNWIND range(1, 1000000000000) AS x RETURN x", limit=1, timeout=600)
    assert (answer["rows"], answer["truncated"]) == ([[1]], True)


@pytest.mark.neo4j
def test_an_answer_may_be_empty_or_without_columns(graph: cachegraph.Graph) -> None:
    nothing = graph.query("MATCH (n:Nothing) RETURN n.x AS x")
    assert (nothing["columns"], nothing["rows"]) == (["x"], [])
    assert graph.query("MATCH (n) FINISH")["columns"] == []


@pytest.mark.neo4j
def test_parameters_are_values_and_never_text(graph: cachegraph.Graph) -> None:
    values = {"text": "' CREATE (n) //", "list": [1, 2.5, None, True], "map": {"a": {"b": []}}}
    answer = graph.query("RETURN $text AS t, $list AS l, $map AS m", values)
    assert answer["rows"] == [[*values.values()]]


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("null", None),
        ("true", True),
        ("9007199254740993", 9007199254740993),
        ("1.5", 1.5),
        ("0.0 / 0.0", "NaN"),
        ("[1.0 / 0.0, -1.0 / 0.0]", ["Infinity", "-Infinity"]),
        ("'Größe\n'", "Größe\n"),
        ("{a: [1, {b: date('2024-02-29')}]}", {"a": [1, {"b": "2024-02-29"}]}),
        ("time('10:11:12.123456789+01:00')", "10:11:12.123456789+01:00"),
        ("localtime('10:11:12')", "10:11:12.000000000"),
        ("localdatetime('2024-02-29T10:11:12')", "2024-02-29T10:11:12.000000000"),
        ("datetime('2024-02-29T10:11:12Z')", "2024-02-29T10:11:12.000000000+00:00"),
        (
            "datetime('2024-02-29T10:11:12[Europe/Paris]')",
            "2024-02-29T10:11:12.000000000+01:00[Europe/Paris]",
        ),
        ("duration('P1Y2M3DT4H5M6.5S')", "P1Y2M3DT4H5M6.5S"),
        ("point({x: 1, y: 2.5})", "point({srid:7203, x:1.0, y:2.5})"),
        (
            "point({longitude: 1, latitude: 2, height: 3})",
            "point({srid:4979, x:1.0, y:2.0, z:3.0})",
        ),
    ],
)
def test_values_are_plain(graph: cachegraph.Graph, expression: str, value: object) -> None:
    answer = graph.query(f"RETURN {expression} AS value")
    assert answer["rows"] == [[value]]
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


@pytest.mark.neo4j
def test_bytes_are_hexadecimal(graph: cachegraph.Graph) -> None:
    assert graph.query("RETURN $b AS b", {"b": b"\x00\xff"})["rows"] == [["00ff"]]


@pytest.mark.neo4j
def test_nodes_relationships_and_paths_are_plain(graph: cachegraph.Graph) -> None:
    text = "MATCH p = (b:Spec {hash: 'bbbb'})-[r:DEPENDS_ON]->(a) RETURN a, r, p"
    ((a, r, p),) = graph.query(text)["rows"]
    assert {**a, "id": 0} == {
        "id": 0,
        "labels": ["Spec"],
        "properties": {"hash": "aaaa", "package": "zlib", "variants": ["+pic", "~shared"]},
    }
    b = p["nodes"][0]
    assert b["properties"] == {"hash": "bbbb", "package": "cmake"}
    assert r == {
        "type": "DEPENDS_ON",
        "start": b["id"],
        "end": a["id"],
        "properties": {"deptypes": ["link"]},
    }
    assert p == {"nodes": [b, a], "relationships": [r]}


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("text", "parameters", "begins", "ends"),
    [
        ("MATCH (n)\nRETURN m", {}, "the query, line 2, column 8: ", "\n  RETURN m\n         ^"),
        ("RETURN 1 +", {}, "the query, line 1, column 11: ", "\n  RETURN 1 +\n            ^"),
        ("RETURN $hash", {}, "", "hash"),
        ("RETURN 1 / $n", {"n": 0}, "the query: ", ""),
        ("RETURN $n", {"n": 2**63}, "a parameter cannot be sent: ", ""),
        ("RETURN $n", {"n": "\ud800"}, "a parameter cannot be sent: ", ""),
        (
            "RETURN none.of.these(1)",
            {},
            "refused: line 1, column 8: the function none.of.these",
            "",
        ),
    ],
)
def test_errors_are_clear(
    graph: cachegraph.Graph, text: str, parameters: dict[str, object], begins: str, ends: str
) -> None:
    """What is between is the server's own words."""
    with pytest.raises(CacheGraphError) as raised:
        graph.query(text, parameters)
    assert raised.value.message.startswith(begins)
    assert raised.value.message.endswith(ends)
    if text == "RETURN $hash":
        assert "--param" in (raised.value.hint or "")


def test_only_a_neo4j_store_speaks_cypher(tmp_path: Path) -> None:
    for store in (tmp_path / "graph.db", ":memory:"):
        with pytest.raises(StoreError, match="Cypher needs a Neo4j store") as raised:
            cachegraph.open(store).query("RETURN 1")
        assert "copy it there: cachegraph load URI" in str(raised.value.hint)
    assert not (tmp_path / "graph.db").exists()


# The command


def run(*words: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["query", *map(str, words)], input=stdin)


@pytest.mark.neo4j
def test_the_command_prints_every_form(store: str, tmp_path: Path) -> None:
    file = tmp_path / "stacks.cypher"
    text = "MATCH (s:Stack {name: $name}) RETURN s, [1, 'a'] AS list, null AS none, 2 AS n"
    file.write_text(f"\ufeff// Stacks\n{text};\n")
    asked = (file, "--param", "name=e4s", "--store", store)
    tsv = run(*asked)
    assert tsv.stdout == 's\tlist\tnone\tn\n(:Stack {key: "develop/e4s"})\t[1, "a"]\t\t2\n'
    assert (tsv.stderr, tsv.exit_code) == ("", 0)
    csv = run(*asked, "--csv").stdout
    assert csv == 's,list,none,n\n"(:Stack {key: ""develop/e4s""})","[1, ""a""]",,2\n'
    answer = json.loads(run(*asked, "--json").stdout)
    assert [*answer] == ["question", "columns", "rows", "truncated"]
    assert answer["rows"][0][0]["properties"] == {"key": "develop/e4s", "name": "e4s"}
    assert answer["rows"][0][1:] == [[1, "a"], None, 2]
    assert run("-", *asked[1:], stdin=text).stdout == tsv.stdout


@pytest.mark.neo4j
def test_the_command_prints_a_table_on_a_terminal(store: str) -> None:
    text = "MATCH (s:Spec) RETURN s, s.package AS package, size(s.hash) AS n ORDER BY s.hash"
    shown = in_terminal("query", text, "--store", store, NO_COLOR="1")
    assert shown.splitlines() == [
        "s                       package  n",
        '(:Spec {hash: "aaaa"})  zlib     4',
        '(:Spec {hash: "bbbb"})  cmake    4',
    ]
    nothing = in_terminal("query", "MATCH (n:Nothing) RETURN n", "--store", store)
    assert nothing == "No row.\n"


@pytest.mark.neo4j
def test_the_examples_of_its_help_work(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = map(str.strip, run("--help").stdout.splitlines())
    examples = [line for line in lines if line.startswith("cachegraph query ")]
    assert len(examples) == 2
    for example in examples:
        done = run(*shlex.split(example)[2:], "--store", store)
        assert (done.exit_code, done.stderr) == (0, ""), example


@pytest.mark.neo4j
def test_a_file_of_cachegraph_is_found_from_anywhere(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("releases.cypher", "--store", store)
    assert run(*asked).stdout == "name\tstacks\tspecs\tshared\tredundant\n"  # none, in this graph
    Path("releases.cypher").write_text("RETURN 'mine' AS file")
    assert run(*asked).stdout == "file\nmine\n"


@pytest.mark.parametrize("name", ["nosuch.cypher", "cypher/releases.cypher", "/releases.cypher"])
def test_other_files_are_not_looked_for(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(name)
    assert (done.exit_code, f"{name}: No such file" in done.stderr) == (2, True)


@pytest.mark.neo4j
def test_the_command_says_that_there_is_more(store: str) -> None:
    done = run("UNWIND [1, 2] AS x RETURN x", "--limit", "1", "--store", store)
    assert (done.stdout, done.exit_code) == ("x\n1\n", 0)
    assert done.stderr == "There are more than 1 rows: --limit shows them\n"
    none = run("MATCH (n:Nothing) RETURN n", "--store", store)
    assert (none.stdout, none.stderr, none.exit_code) == ("n\n", "", 0)


@pytest.mark.neo4j
def test_the_command_refuses_with_two(store: str) -> None:
    done = run("MATCH (n) DETACH DELETE n", "--store", store)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert done.stderr.startswith("Error: refused: line 1, column 11: DETACH writes\nHint: ")


@pytest.mark.neo4j
def test_parameters_are_json_else_text(store: str) -> None:
    given = {"a": "1", "$b": '"1"', "c": "develop/e4s", "d": '["x", null]', "e": "", "f": "x=y"}
    words = [word for name, value in given.items() for word in ("--param", f"{name}={value}")]
    done = run("RETURN $a, $b, $c, $d, $e, $f", *words, "--json", "--store", store)
    assert json.loads(done.stdout)["rows"] == [[1, "1", "develop/e4s", ["x", None], "", "x=y"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none/such.cypher"], "none/such.cypher: No such file"),
        (["RETURN 1", "--param", "x"], "--param x: write NAME=VALUE"),
        (["RETURN 1", "--param", "=1"], "--param =1: write NAME=VALUE"),
        (["RETURN 1", "--param", "x=1", "--param", "$x=2"], "--param x is given twice"),
        (["RETURN 1", "--timeout", "0"], "--timeout"),
        (["RETURN 1", "--limit", "-1"], "--limit"),
        (["RETURN 1", "--store", "graph.db"], "graph.db: Cypher needs a Neo4j store"),
        (["", "--store", "bolt://127.0.0.1:1"], "there is nothing to ask"),
        (["RETURN 1", "--store", "bolt://127.0.0.1:1"], "no Neo4j server answers"),
    ],
)
def test_the_command_explains_what_is_wrong(words: list[str], message: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_file_that_is_no_utf_8(tmp_path: Path) -> None:
    (tmp_path / "x.cypher").write_bytes(b"RETURN '\xe9'")
    done = run(tmp_path / "x.cypher")
    assert (done.exit_code, "byte 8 is no UTF-8" in done.stderr) == (2, True)


A = {"id": "1", "labels": ["Spec"], "properties": {"hash": "aaaa", "package": "zlib"}}
B = {"id": "2", "labels": ["Spec", "Odd"], "properties": {"hash": "bbbb"}}
R = {"type": "DEPENDS_ON", "start": "1", "end": "2", "properties": {"deptypes": ["link"]}}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (1, 1),
        (True, "true"),
        ("a\tb", "a\tb"),
        ([None, True, "a", [1.5]], '[null, true, "a", [1.5]]'),
        ({"a": 1, "b": {}}, "{a: 1, b: {}}"),
        (A, '(:Spec {hash: "aaaa"})'),
        (B, '(:Spec:Odd {hash: "bbbb"})'),
        ({"id": "3", "labels": ["Odd"], "properties": {"x": 1}}, "(:Odd {x: 1})"),
        ({"id": "3", "labels": [], "properties": {"x": 1}}, "({x: 1})"),
        ({"id": "3", "labels": [], "properties": {}}, "()"),
        (R, '[:DEPENDS_ON {deptypes: ["link"]}]'),
        ({**R, "properties": {}}, "[:DEPENDS_ON]"),
        (
            {"nodes": [A, B, A], "relationships": [R, R]},
            '(:Spec {hash: "aaaa"})-[:DEPENDS_ON {deptypes: ["link"]}]->(:Spec:Odd {hash: "bbbb"})'
            '<-[:DEPENDS_ON {deptypes: ["link"]}]-(:Spec {hash: "aaaa"})',
        ),
        ({"nodes": [A], "relationships": []}, '(:Spec {hash: "aaaa"})'),
    ],
)
def test_cells(value: object, shown: object) -> None:
    assert cell(value) == shown
