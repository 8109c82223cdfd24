"""Random statements of Cypher: none that the guard lets through does more than read.

``python -m tests.torture.statements --seed 1 --seconds 3600`` asks a new server what each statement
would do, or with ``--uri`` one that runs, with the user and the password of ``NEO4J_USERNAME`` and
``NEO4J_PASSWORD``. Nothing is committed.
"""

import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cachegraph.errors import UsageError
from cachegraph.neo4j.guard import refuse_plan, refuse_text
from tests.neo4j.test_guard import READS, REFUSED, WRITES
from tests.support.server import Database, Server
from tests.support.server.plugin import version
from tests.torture import parser

if TYPE_CHECKING:
    from neo4j import Session

_PARTS = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`|\\w+|\\s+|.", re.DOTALL)
_NAMES = (
    "as",
    "AS",
    "n",
    "m",
    "x",
    "delete",
    "set",
    "create",
    "`as`",
    "`n`",
    "call",
    "in",
    "gr\u00f6",
    "a$",
    "gr\u00f6$$",
)
_VALUES = (
    "1",
    "'a'",
    "[1]",
    "null",
    "true",
    "$p",
    "n.x",
    "n.as",
    "count(*)",
    "{a: 1}",
    ".5",
    "0x1F",
)
_WRITES = (
    *(
        "DELETE {0}",
        "DETACH DELETE {0}",
        "SET {0}.x = 1",
        "SET {0}:X",
        "REMOVE {0}.x",
        "CREATE ({1})",
    ),
    *("CREATE (:X)", "MERGE (:X)", "INSERT (:X)", "FOREACH ({1} IN [1] | CREATE (:X))"),
    *("CALL ({0}) {{ CREATE (:X) }} IN TRANSACTIONS", "LOAD CSV FROM 'file:///x' AS {1}"),
    *("CALL db.createLabel('X')", "CALL dbms.listConfig()", "UNION MATCH (n) DELETE n RETURN 1"),
)
_READS = (
    *("MATCH ({0})", "OPTIONAL MATCH ({0})-[{1}]->()", "MATCH ({0}) WHERE {0}.x = {2}"),
    *(
        "WITH {0} AS {1}",
        "WITH *, {2} AS {1}",
        "WITH DISTINCT {0}",
        "WITH {0}",
        "UNWIND {2} AS {1}",
    ),
    *("WITH {0} ORDER BY {1}", "WITH {0} LIMIT 1", "MATCH ({0}) WHERE NOT {1}", "WHERE {0} IN {2}"),
    *("CALL db.labels() YIELD label AS {1}", "CALL ({0}) {{ RETURN 1 AS {1} }}", "LET {1} = {2}"),
    *("FILTER {0}", "MATCH ({0}) WHERE {0} IS {1}", "RETURN {0} AS {1} NEXT", "MATCH {1} = ({0})"),
)
_ENDS = (
    "RETURN {0} AS {1}",
    "RETURN *",
    "RETURN {2} AS {1}",
    "FINISH",
    "RETURN {0}, {2} AS {1}",
    "",
)
_BLANKS = (" ", "\n", "/**/", " /* x */ ", "\t", "\u00a0", "//\n", "\u2003", "\r\n", "")
_INSERTED = (
    *(
        "SET",
        "DELETE",
        "AS",
        "as",
        "CREATE (:X)",
        "'",
        '"',
        "`",
        "\\",
        "\\\\",
        "/*",
        "*/",
        "//",
        ";",
        "$",
        ":",
    ),
    *(
        "\\u0027",
        "\\u0053ET",
        "\\\\u0027",
        "\\u005c",
        "\\u000a",
        "\u2028",
        "\0",
        ".",
        "..",
        "|",
        "CYPHER 25",
    ),
)
KNOWN = [
    text
    for text in (*READS, *WRITES.values(), *(one for texts in REFUSED.values() for one in texts))
    if text
]


def statement(rng: random.Random) -> str:
    """A statement put together of clauses, or one of the tests with changes."""
    if rng.random() < 0.3:
        return _changed(rng.choice(KNOWN), rng)
    names = [rng.choice(_NAMES) for _ in range(3)]
    clauses = [rng.choice(_READS) for _ in range(rng.randrange(1, 4))]
    clauses += [rng.choice(_WRITES)] * (rng.random() < 0.7)
    clauses += [rng.choice(_ENDS)]
    text = " ".join(
        clause.format(rng.choice(names), rng.choice(names), rng.choice(_VALUES))
        for clause in clauses
    )
    text = rng.choice(("", "", "CYPHER 25 ", "CYPHER 5 ")) + text
    return _changed(text, rng) if rng.random() < 0.3 else text


def _changed(text: str, rng: random.Random) -> str:
    """A statement with other blanks, and words put in, left out or exchanged."""
    parts = _PARTS.findall(text)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(parts) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            parts.insert(at, rng.choice(_INSERTED))
        elif kind == 1:
            del parts[at : at + 1]
        elif kind == 2 and parts:
            parts[at % len(parts)] = rng.choice(_PARTS.findall(rng.choice(KNOWN)))
        else:
            parts = [rng.choice(_BLANKS) if part.isspace() else part for part in parts]
    return "".join(parts)


def is_refused(text: str) -> bool:
    try:
        refuse_text(text)
    except UsageError:
        return True
    return False


def does(session: "Session", text: str) -> str:
    """What a statement does by the server's own plan: reads, more, or nothing, if it is none."""
    from neo4j.exceptions import DriverError, Neo4jError

    transaction = session.begin_transaction()
    try:
        summary = transaction.run(f"EXPLAIN\n{text}", {"p": 1, "as": 1}).consume()
        refuse_plan(summary.query_type, summary.plan)
    except UsageError:
        return "more"
    except (Neo4jError, DriverError, UnicodeError):
        return "nothing"
    finally:
        transaction.close()
    return "reads"


def torture(
    session: "Session", seed: int, seconds: float, most: int = sys.maxsize
) -> tuple[Counter[str], list[str]]:
    """How many statements were of each kind, and those let through that do more than read."""
    rng, end = random.Random(seed), time.monotonic() + seconds
    counts: Counter[str] = Counter()
    bad = []
    while time.monotonic() < end and counts.total() < most:
        text = statement(rng)
        refused = is_refused(text)
        # Of those that are refused some are asked, to know that many would write.
        if refused and rng.random() < 0.9:
            counts["refused"] += 1
            continue
        what = does(session, text)
        counts[f"{'refused' if refused else 'let through'}, {what}"] += 1
        if what == "more" and not refused:
            bad.append(text)
    return counts, bad


@contextmanager
def database(uri: str | None) -> Iterator[Database]:
    """The database at an address, with the credentials of the environment; else a new one."""
    if uri:
        yield Database(uri, os.environ.get("NEO4J_USERNAME"), os.environ.get("NEO4J_PASSWORD"))
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), version=version()).start()
        try:
            yield server.database
        finally:
            server.kill()


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--uri")
    arguments = options.parse_args()
    with (
        database(arguments.uri) as asked,
        asked.driver(notifications_min_severity="OFF") as driver,
        driver.session() as session,
    ):
        counts, bad = torture(session, arguments.seed, arguments.seconds)
    print(f"seed {arguments.seed}: {dict(counts)}")
    print(*(f"LET THROUGH: {text!r}" for text in bad), sep="\n")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
