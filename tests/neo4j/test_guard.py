"""Cypher that is refused by its text, and Cypher that only looks so; no server is asked."""

from pathlib import Path

import pytest

from cachegraph.errors import UsageError
from cachegraph.neo4j.guard import PROCEDURES, refuse_plan, refuse_text

CSV = "FROM 'file:///etc/passwd' AS line RETURN line"

WRITES = {
    "plain": "CREATE (n)",
    "lower": "create (n)",
    "mixed": "MATCH (n) dElEtE n",
    "merge": "MERGE (n:Spec {hash: 'a'}) RETURN n",
    "insert": "INSERT (:Spec)",
    "set": "MATCH (n) SET n.x = 1",
    "set of a label": "MATCH (n) SET n:Old",
    "remove": "MATCH (n) REMOVE n.x",
    "delete": "MATCH (n) DELETE n",
    "detach": "MATCH (n) DETACH DELETE n",
    "nodetach": "MATCH (n) NODETACH DELETE n",
    "foreach": "MATCH (n) FOREACH (x IN [1] | SET n.x = x)",
    "drop": "DROP INDEX spec_hash",
    "alter": "ALTER DATABASE neo4j SET ACCESS READ ONLY",
    "after a reading": "MATCH (n) RETURN n UNION MATCH (m) DELETE m RETURN m AS n",
    "in a subquery": "MATCH (n) CALL (n) { SET n.x = 1 } RETURN n",
    "in a block": "{ CREATE (n) RETURN n }",
    "after a version": "CYPHER 25 CREATE (n)",
    "after options": "CYPHER 5 runtime=slotted planner = idp CREATE (n)",
    # glued to what stands before it
    "bracket": "MATCH(n)CREATE(m)",
    "end of a text": "MATCH (n) WHERE n.x='a'CREATE (m)",
    "end of a double text": 'MATCH (n) WHERE n.x="a"CREATE (m)',
    "end of a name": "MATCH (n) WHERE n.`x`CREATE (m)",
    "behind a name that ends with $": "WITH 1 AS a$ CREATE (n) RETURN a$",
    "behind a name that ends with $$": "WITH 1 AS a$$ CREATE (n) RETURN 1",
    "behind another letter and $": "WITH 1 AS \u00e9$ CREATE (n) RETURN 1",
    "end of a parameter": "MATCH (n) WHERE n.x=$`x`CREATE (m)",
    "any label": "MATCH (n) WHERE n:% SET n.x = 1",
    "any label, glued": "MATCH (n) WHERE n:%CREATE (m)",
    "point of a number": "MATCH (n) WHERE n.x = 1.CREATE (m)",
    "other letters": "MATCH (n) WHERE n:é CREATE (m)",
    "other letters, glued": "MATCH (n:éCREATE (m))",
    # white space that is not of ASCII
    "no-break space": "MATCH (n)\u00a0SET\u00a0n.x = 1",
    "em space": "MATCH (n)\u2003SET n.x = 1",
    "a separator": "MATCH (n)\x1cSET n.x = 1",
    # what looks like a comment, a text or a name, and is none
    "comment ends": "MATCH (n) /* SET */ SET n.x = 1",
    "short comment": "MATCH (n) /**/ SET n.x = 1",
    "comment in a comment": "MATCH (n) /* /* */ SET n.x = 1 // */",
    "stroke of the comment": "MATCH (n) /*/ x */ SET n.x = 1",
    "line ends": "MATCH (n) // to read\nSET n.x = 1",
    "carriage return ends a comment": "MATCH (n) // to read\rSET n.x = 1",
    "comment in a text": "WITH '/*' AS a CREATE (n) RETURN '*/'",
    "line comment in a text": "WITH 'http://x' AS a CREATE (n)",
    "text in a comment": "MATCH (n) // don't\nSET n.x = 'a'",
    "text in a long comment": "MATCH (n) /* ' */ SET n.x = 1 /* ' */",
    "quote in a name": "MATCH (n) WITH n AS `'` SET `'`.x = 1",
    "name in a text": "WITH '`' AS a CREATE (n) WITH '`' AS b RETURN b",
    "double in single": "WITH '\"' AS a CREATE (n) WITH '\"' AS b RETURN b",
    "escaped quote": r"WITH 'a\'' AS a CREATE (n) RETURN ''",
    **{
        f"variable as {number}": text
        for number, text in enumerate(
            [
                "MATCH (as) WITH as DELETE as",
                "MATCH (as) WITH DISTINCT as SET as.x = 1",
                "MATCH (n) WITH n AS as DELETE as",
                "MATCH (n) WITH n AS AS SET AS.x = 1",
                "MATCH (n) WITH n AS delete DELETE delete",
                "MATCH (n) WITH n AS set SET set.x = 1",
                "MATCH (n) WHERE n.x = n.as DELETE n",
                "MATCH (n) WHERE n.x = $as DELETE n",
                "MATCH (n) WHERE n:as DELETE n",
                "MATCH (n) WHERE n IS as DELETE n",
                "WITH 1 AS as MATCH (n) WHERE n.x = 1 OR as SET n.x = 1",
                "WITH 1 AS as MATCH (n) WHERE NOT as SET n.x = 1",
                "WITH [1] AS as MATCH (n) WHERE n.x IN as SET n.x = 1",
                "WITH 1 AS as MATCH (n) WITH n ORDER BY as SET n.x = 1",
                "WITH 1 AS as MATCH (n) WITH n LIMIT as SET n.x = 1",
                "CALL db.labels() YIELD as CREATE (n)",
            ]
        )
    },
    "escaped backslash": r"WITH '\\' AS a CREATE (n) WITH '\\' AS b RETURN b",
    "backslash in a name": r"MATCH (n) WITH n AS `\` SET `\`.x = 1",
    "doubled backtick": "MATCH (n) WITH n AS `a``` SET `a```.x = 1",
    # a word that could be a name, where it can also be one of Cypher
    "after AS that is a name": "MATCH (as) WITH as CREATE (n)",
    "after IS that is a name": "MATCH (is) WITH is SET is.x = 1",
    "list, then a label": "MATCH (n) SET n:A, n:B",
}
REFUSED = {
    "LOAD CSV reads": [
        f"LOAD CSV {CSV}",
        f"load csv with headers {CSV}",
        f"LOAD/**/CSV {CSV}",
        f"LOAD//\nCSV {CSV}",
        f"LOAD\u00a0CSV {CSV}",
        f"LOAD\u3000CSV {CSV}",
        f"LOAD\u200bCSV {CSV}",
        f"LOAD\x85CSV {CSV}",
        f"UNWIND [1] AS x LOAD\t\r\nCSV {CSV}",
        f"WITH 1.LOAD CSV {CSV}",
        f"UNWIND [1] AS x CALL (x) {{ LOAD CSV {CSV} }} RETURN line",
        f"RETURN COUNT {{ LOAD CSV {CSV} }} AS lines",
    ],
    "the escape": [
        r"WITH 1 AS x \u0043REATE (n)",
        r"WITH 1 AS x C\u0052EATE (n)",
        rf"WITH 1 AS x LO\u0041D CSV {CSV}",
        rf"WITH 1 AS x LOAD\u0020CSV {CSV}",
        r"RETURN 'a\u0027 CREATE (n) //'",
        r"RETURN 'a\\\u0027 CREATE (n) //'",
        r"RETURN 'a\\\\\u0027 CREATE (n) //'",
        r"RETURN 'a' AS \u0064elete",
        r"RETURN '\u005c' CREATE (n) //'",
        r"RETURN 1 AS `a\u0060 CREATE (n) //`",
        r"RETURN 1 //\u000a CREATE (n)",
        r"RETURN 1 /*\u002a/ CREATE (n) /**/",
        r"RETURN 1\u003b CREATE (n)",
        "WITH 1 AS x \\u\uff10\uff10\uff14\uff13REATE (n)",  # digits of full width
        "WITH 1 AS x \\u\u0660\u0660\u0664\u0663REATE (n)",  # Arabic digits
        r"WITH 1 AS x \uu0043REATE (n)",
    ],
    "a backslash outside": [rf"WITH 1 AS x LOAD\u00a0CSV {CSV}", r"MATCH (n) \SET n.x = 1"],
    "a number runs into a word": [
        "MATCH (n) RETURN n LIMIT 1CREATE (m)",
        "MATCH (n) WHERE n.x = 0x1SET n.x = 1",
        "MATCH (n) WHERE n.x = 1dCREATE (m)",
        "MATCH (n) WHERE n.x = 1e5CREATE (m)",
        "MATCH (n) WHERE n.x = .5CREATE (m)",
        "MATCH (n) WHERE n.x = $1CREATE (m)",
    ],
    "a second statement": ["RETURN 1; CREATE (n)", "RETURN 1;\n;", "RETURN 1; RETURN 2"],
    "has no end": ["RETURN 1 /* open", "RETURN 'open", 'RETURN "open', "RETURN 1 AS `open"],
    "an unusual end of line": [
        "RETURN 1 //\u2028 CREATE (n)",
        "RETURN 1 //\x0b CREATE (n)",
        "RETURN 1 //\x85 ' \nCREATE (n) //'",
    ],
    "an unpaired surrogate": ["RETURN '\ud800'"],
    "nothing to ask": ["", " \n", "// nothing", "CYPHER 25"],
    "EXPLAIN gives a plan": ["EXPLAIN RETURN 1", "CYPHER 5 explain RETURN 1"],
    "PROFILE gives a plan": [
        "PROFILE MATCH (n) SET n.x = 1",
        "CYPHER runtime=slotted PROFILE RETURN 1",
    ],
    "no reading statement begins with": [
        "START n=node(*) RETURN n",
        "ENABLE SERVER 'x'",
        "DRYRUN",
        ";",
        ":use x",
    ],
    "does more than read": [
        "USE neo4j MATCH (n) RETURN n",
        "MATCH (n) CALL { USE graph.byName('x') RETURN 1 AS a } RETURN a",
        "GRANT ROLE reader TO me",
        "REVOKE ROLE reader FROM me",
        "DENY READ {*} ON GRAPH * TO me",
        "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
        "CALL { TERMINATE TRANSACTIONS 'neo4j-transaction-1' }",
    ],
    "administers the server": ["MATCH (n) START DATABASE x", "MATCH (n) STOP/**/DATABASE x"],
    "commits": [
        "UNWIND [1] AS x CALL (x) { RETURN 1 AS a } IN TRANSACTIONS RETURN a",
        "UNWIND [1] AS x CALL (x) { RETURN 1 AS a } in/**/transactions OF 5 ROWS RETURN a",
        "UNWIND [1] AS x CALL (x) { RETURN 1 AS a } IN 2 CONCURRENT TRANSACTIONS RETURN a",
        "UNWIND [1] AS x CALL (x) { RETURN 1 AS a } IN $n CONCURRENT TRANSACTIONS RETURN a",
        "WITH 1 AS x USING PERIODIC COMMIT 10 RETURN x",
    ],
    "the procedure": [
        "CALL dbms.listConfig()",
        "CALL dbms.listConfig",
        "CALL dbms.listConfig() YIELD name RETURN name",
        "MATCH (n) CALL/**/dbms . killConnections([]) YIELD connectionId RETURN n",
        "CALL `dbms`.`listConfig`()",
        "CALL `dbms.listConfig`()",
        "CALL apoc.load.json('file:///etc/passwd')",
        "CALL apoc.cypher.doIt('CREATE (n)', {})",
        "CALL db.createLabel('X')",
        "CALL db.labels.more()",
        "CALL db.labelsé()",
        "CALL élan.go()",
        "CALL DB.LABELS()",
        "OPTIONAL CALL dbms.listConfig() YIELD name RETURN name",
        "RETURN EXISTS { CALL dbms.listConfig() YIELD name RETURN name } AS a",
        "CALL db.labels() YIELD label CALL dbms.listConfig() YIELD name RETURN name",
    ],
    "the function": [
        "RETURN apoc.cypher.runFirstColumnSingle('LOAD CSV ...', {})",
        "RETURN APOC . static /**/ . get('x')",
        "RETURN `apoc`.`static`.get('x')",
        "MATCH (n) WHERE n.x = gds.util.asNode(1) RETURN n",
        "RETURN x.größe('a')",
        "RETURN größe.x('a')",
        "RETURN genai.vector.encode('text', 'OpenAI', {})",
    ],
    "SHOW ": [
        "SHOW SETTINGS",
        "SHOW TRANSACTIONS YIELD currentQuery",
        "SHOW DATABASES",
        "SHOW USERS",
        "SHOW USER",
        "SHOW//\u00a0CURRENT\nUSER",
        "SHOW USER YIELD *",
        "SHOW ALL",
        "SHOW USER PRIVILEGES",
        "SHOW ALL ROLES",
        "SHOW CURRENT USER",
        "SHOW INDEXES YIELD name SHOW/**/SETTINGS YIELD name AS n RETURN n",
    ],
}
READS = [
    "MATCH (n) RETURN n",
    "MATCH (n) RETURN n;",
    "// Overlap of two stacks\n// :param left => 'CREATE (n); LOAD CSV'\nMATCH (n) RETURN n ;\n",
    "/* SET */ OPTIONAL MATCH (n) RETURN n",
    "MATCH (n) RETURN n.set, n.create, n . delete, n./**/merge",
    "MATCH (n:Set)-[r:CREATE|MERGE]->(m:A|Delete&!Drop) RETURN n, r, m",
    "MATCH (n:Set:Use) RETURN n",
    "MATCH (n {use: $set}) RETURN n {.remove, create: 1, set: n.x} AS n",
    "MATCH (set:Spec)-[use:DEPENDS_ON]->(drop:Spec) RETURN 1",
    "RETURN {delete: 1, create: {merge: 2}} AS a",
    "RETURN 'CREATE (n)' AS a, \"SET ' DELETE\" AS b, 'it\\'s; SET' AS c",
    "RETURN 1 AS `create`, 2 AS `set ``x`` drop`",
    "MATCH (n) WHERE n.offset = 1 AND n.created_at < n.reset RETURN n.setting",
    "MATCH (n) RETURN COUNT { (n)--() } AS c, EXISTS { (n)--() } AS e",
    "MATCH (n) CALL (n) { MATCH (n)--(m) RETURN count(m) AS c } RETURN c",
    "CALL { RETURN 1 AS a } RETURN a",
    "CALL/**/(){ RETURN 1 AS a } RETURN a",
    "UNWIND $rows AS row WITH row WHERE row IN transactions RETURN row.call, row.load",
    "MATCH (call) WHERE call.x = 1 RETURN call",
    "MATCH (load:Csv), (start)-->(database) RETURN load, start",
    "MATCH p = (a)-[:DEPENDS_ON*1..3]->(b) RETURN p, [1, 2, 3][0..2]",
    "MATCH (n) WHERE n.x IN [1.5, .5, 1e5, 1.5E-3, 0xFF, 0o17, 1_000] RETURN n LIMIT 1",
    "CYPHER 25 MATCH (n) RETURN n",
    "CYPHER 5 runtime=slotted planner = idp RETURN 1",
    "{ RETURN 1 AS a }",
    "FINISH",
    "MATCH (n) WHERE n.name = 'Gr\u00f6\u00dfe' AND n.gr\u00f6\u00dfe = 'na\\u00efve' RETURN n",
    r"RETURN 'C:\\users\\x' =~ '\\d+\\.\\d' AS a",
    r"RETURN 'C:\\u0041' AS a, '\\u005c' AS b, '\\\\u0027' AS c, '\\u' AS d",
    "RETURN 1 AS delete, 2 AS set, 'x' AS create, [1] AS merge, {a: 1} AS drop, count(*) AS use",
    "MATCH (n) RETURN n AS delete, n.x AS/**/set, `n` AS remove ORDER BY n.x",
    "WITH 1 AS set, 2 AS as RETURN 3 AS insert",
    "RETURN date.truncate('day', datetime()) AS d, point.distance($a, $b) AS p, DATE.realtime()",
    "MATCH (n) WHERE n.x = m.y AND (n.a OR n.b IN ($xs)) RETURN count(n)",
    "SHOW INDEXES",
    "SHOW ALL CONSTRAINTS YIELD name RETURN name",
    "SHOW USER DEFINED FUNCTIONS",
    "SHOW PROCEDURES YIELD name WHERE name STARTS WITH 'db' RETURN name",
    "CALL db.labels",
    "CALL `db` . `labels` () YIELD label RETURN label",
    *(f"CALL {name}()" for name in PROCEDURES),
]


@pytest.mark.parametrize("text", WRITES.values(), ids=WRITES.keys())
def test_writing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^refused: line \d+, column \d+: [A-Z]+ writes$"):
        refuse_text(text)


@pytest.mark.parametrize(
    ("why", "text"), [(why, text) for why, texts in REFUSED.items() for text in texts]
)
def test_more_than_reading_is_refused(why: str, text: str) -> None:
    with pytest.raises(UsageError, match=why):
        refuse_text(text)


@pytest.mark.parametrize("text", READS)
def test_reading_is_let_through(text: str) -> None:
    refuse_text(text)


def test_the_programs_own_questions_are_reading() -> None:
    files = sorted((Path(__file__).parents[2] / "cypher").glob("*.cypher"))
    schema = next(file for file in files if file.stem == "schema")
    with pytest.raises(UsageError, match="CREATE writes"):
        refuse_text(schema.read_text())
    for file in {*files} - {schema}:
        refuse_text(file.read_text())


def test_a_refusal_says_where_and_what_to_do() -> None:
    with pytest.raises(UsageError) as refused:
        refuse_text("MATCH (n)\n/* SET */ WITH n  SET n.x = 1")
    assert refused.value.message == "refused: line 2, column 19: SET writes"
    assert "`set`" in str(refused.value.hint)
    with pytest.raises(UsageError, match="line 1, column 5: LOAD CSV"):
        refuse_text("    LOAD CSV FROM 'x' AS l RETURN l")


def test_the_longest_texts_are_looked_at_in_no_time() -> None:
    refuse_text("RETURN '" + "\\n" * 49_000 + "'")
    with pytest.raises(UsageError, match="more than 100,000 characters"):
        refuse_text("RETURN 1" + " " * 100_000)
    for text in ("/*" * 40_000, "1" * 90_000 + "x", "'" + "\\" * 90_000, "a.b" * 30_000):
        with pytest.raises(UsageError):
            refuse_text(text)


def plan(operator: str, details: str = "", *children: object) -> dict[str, object]:
    return {
        "operatorType": f"{operator}@neo4j",
        "args": {"Details": details},
        "children": [*children],
    }


LEAF = plan("AllNodesScan", "n")


@pytest.mark.parametrize(
    ("query_type", "operator", "why"),
    [
        ("w", LEAF, "writes"),
        ("rw", LEAF, "writes"),
        ("s", LEAF, "does more than read"),
        (None, LEAF, "does more than read"),
        ("r", None, "no plan"),
        ("r", plan("LoadCSV", "line"), "LOAD CSV"),
        ("r", plan("Apply", "", LEAF, plan("Apply", "", plan("LoadCSV"))), "LOAD CSV"),
        ("r", plan("TransactionApply", "IN TRANSACTIONS OF 1000 ROWS"), "commits"),
        ("r", plan("TransactionForeach"), "commits"),
        ("r", plan("ShowSettings"), "ShowSettings"),
        ("r", plan("ShowTransactions"), "ShowTransactions"),
        ("r", plan("TerminateTransactions"), "TerminateTransactions"),
        ("r", plan("ProcedureCall", "dbms.listConfig() :: (name)"), "dbms.listConfig"),
        ("r", plan("ProcedureCall", "db.labels.more() :: (x)"), "db.labels.more"),
        ("r", plan("ProcedureCall"), "the procedure"),
    ],
)
def test_plans_that_do_more_are_refused(
    query_type: str, operator: dict[str, object], why: str
) -> None:
    with pytest.raises(UsageError, match=f"^refused: .*{why}"):
        refuse_plan(query_type, operator)


def test_plans_that_read_are_let_through() -> None:
    called = plan("ProcedureCall", "`db`.`labels`() :: (label :: STRING)")
    refuse_plan("r", plan("Apply", "", LEAF, called, plan("ShowIndexes", "allIndexes")))
