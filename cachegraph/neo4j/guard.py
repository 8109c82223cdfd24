"""Refuses Cypher that does more than read the graph, by its text and by its plan. No driver.

LOAD CSV, which reads the server's files, is reading to Neo4j: only these two stop it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from cachegraph.errors import UsageError
from cachegraph.neo4j.tokens import END, Refusal, Token, at, tokens

PROCEDURES = (
    "db.index.fulltext.queryNodes",
    "db.index.fulltext.queryRelationships",
    "db.labels",
    "db.propertyKeys",
    "db.relationshipTypes",
    "db.schema.nodeTypeProperties",
    "db.schema.relTypeProperties",
    "db.schema.visualization",
)
# What functions of Neo4j's own have before a point in their names; graph.byName() goes with USE.
_FUNCTIONS = "coll date datetime duration localdatetime localtime point string time uuid vector"
_BEGINNINGS = "CALL FILTER FINISH FOR LET MATCH OPTIONAL RETURN SHOW UNWIND WHEN WITH"
_WRITES = "CREATE MERGE INSERT SET REMOVE DELETE DETACH NODETACH FOREACH DROP ALTER RENAME"
_ADMINISTERS = "GRANT REVOKE DENY USE TERMINATE"
_PAIRS = {
    ("LOAD", "CSV"): "reads files and addresses from the server",
    ("START", "DATABASE"): "administers the server",
    ("STOP", "DATABASE"): "administers the server",
    ("PERIODIC", "COMMIT"): "commits",
    ("CONCURRENT", "TRANSACTIONS"): "commits",
    ("CONCURRENT", "TRANSACTION"): "commits",
}
_WHICH = (
    "ALL BUILT IN USER DEFINED RANGE TEXT POINT FULLTEXT VECTOR LOOKUP NODE RELATIONSHIP REL "
    "PROPERTY UNIQUE UNIQUENESS KEY EXIST EXISTENCE TYPE"
)
_SHOWN = "INDEX INDEXES CONSTRAINT CONSTRAINTS FUNCTION FUNCTIONS PROCEDURE PROCEDURES"
_SHOWING = ("ShowIndexes", "ShowConstraints", "ShowFunctions", "ShowProcedures")
_HINT = (
    "cachegraph query only reads the graph; a name that is a word of Cypher goes into backticks, "
    "such as `set`"
)
_PLANS = "ask without it: the Neo4j Browser and cypher-shell show plans"
_CALLED = f"these may be called: {', '.join(PROCEDURES)}"


def refuse_text(text: str) -> None:
    """UsageError, with the place and the reason, for a text that is not one reading statement."""
    try:
        _check(tokens(text))
    except Refusal as refusal:
        before = text[: refusal.place]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise UsageError(
            f"refused: line {line}, column {column}: {refusal.why}", refusal.hint or _HINT
        ) from None


def refuse_plan(query_type: str | None, plan: Mapping[str, Any] | None) -> None:
    """UsageError when what the server plans to do is more than reading the graph."""
    if plan is None:
        raise UsageError("refused: the server shows no plan of it", _HINT)
    for operator, details in _operators(plan):
        if why := _planned(operator, details):
            raise UsageError(f"refused: {why}", _HINT)
    if query_type != "r":
        does = "writes" if query_type in ("w", "rw") else "does more than read"
        raise UsageError(f"refused: the server says that it {does}", _HINT)


def _operators(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    waiting = [plan]
    while waiting:
        operator = waiting.pop()
        details = str((operator.get("args") or {}).get("Details", ""))
        yield str(operator["operatorType"]).partition("@")[0], details
        waiting += operator.get("children") or []


def _planned(operator: str, details: str) -> str | None:
    """Why an operator of a plan is refused."""
    if operator == "LoadCSV":
        return "LOAD CSV reads files and addresses from the server"
    if operator.startswith("Transaction"):
        return "IN TRANSACTIONS commits"
    if operator.startswith(("Show", "Terminate")) and operator not in _SHOWING:
        return f"the server plans {operator}"
    name = details.partition("(")[0].replace("`", "")
    if operator == "ProcedureCall" and name not in PROCEDURES:
        return f"the procedure {name}"
    return None


def _check(read: Sequence[Token]) -> None:
    _check_beginning(read)
    for place, token in enumerate(read):
        if token.kind == "word" and not _is_name(read, place):
            _check_word(read, place)
        elif token.is_mark("("):
            _check_function(read, place)
        elif token.is_mark(";") and place + 1 < len(read):
            raise Refusal("a second statement", read[place + 1].place, "ask one at a time")
    # Whatever stands before or between them, these words say nothing else.
    words = [token for token in read if token.kind != "other"]
    for first, second in pairwise(words):
        if why := _PAIRS.get((first.word, second.word)):
            raise Refusal(f"{first.word} {second.word} {why}", first.place)


def _check_beginning(read: Sequence[Token]) -> None:
    """Refuses what does not begin as reading does, after options such as ``CYPHER 25``."""
    place = 0
    while True:
        token = at(read, place)
        if token.word and at(read, place + 1).is_mark("="):
            place += 3  # name=value
        elif token.word == "CYPHER" or token.kind == "number":
            place += 1
        else:
            break
    if token is END:
        raise Refusal("there is nothing to ask", 0, "such as: MATCH (s:Stack) RETURN s.key")
    if token.word in ("EXPLAIN", "PROFILE"):
        raise Refusal(f"{token.word} gives a plan instead of rows", token.place, _PLANS)
    known = f"{_BEGINNINGS} {_WRITES} {_ADMINISTERS} LOAD".split()
    if token.word not in known and not token.is_mark("{"):
        begins = f"reading begins with {', '.join(_BEGINNINGS.split())}"
        raise Refusal(f"no reading begins with {token.text}", token.place, begins)


def _is_name(read: Sequence[Token], place: int) -> bool:
    """Whether a word is a name, and no word of Cypher, wherever that can be told for sure.

    Nothing that may end an expression counts as what comes before a name: in ``n:% SET`` and
    ``1.SET`` the last word is one of Cypher.
    """
    before, after = at(read, place - 1), at(read, place + 1)
    if before.is_mark("."):
        return at(read, place - 2).kind != "number"
    return before.is_mark("$:|&!") or (after.is_mark(":") and before.is_mark("{,(["))


def _check_word(read: Sequence[Token], place: int) -> None:
    token = read[place]
    word = token.word
    if word in _WRITES.split():
        raise Refusal(f"{word} writes", token.place)
    if word in _ADMINISTERS.split():
        raise Refusal(f"{word} does more than read", token.place)
    if word in ("TRANSACTIONS", "TRANSACTION"):
        if at(read, place - 1).word == "IN" and at(read, place - 2).is_mark("}"):
            raise Refusal(f"IN {word} commits", token.place)
    elif word == "CALL":
        _check_call(read, place + 1)
    elif word == "SHOW":
        _check_show(read, place + 1)


def _check_call(read: Sequence[Token], place: int) -> None:
    """Refuses procedures; a subquery is none, and neither is a variable of the name ``call``."""
    start = at(read, place)
    if not start.named:
        return
    name = start.text.strip("`")
    while at(read, place + 1).is_mark("."):
        place += 2
        name += f".{at(read, place).text.strip('`')}"
    if name not in PROCEDURES or at(read, place + 1).kind == "other":
        raise Refusal(f"the procedure {name}", start.place, _CALLED)


def _check_show(read: Sequence[Token], place: int) -> None:
    while at(read, place).word in _WHICH.split():
        place += 1
    shown = at(read, place)
    if shown.named and shown.word not in _SHOWN.split():
        may = "these may be shown: INDEXES, CONSTRAINTS, FUNCTIONS, PROCEDURES"
        raise Refusal(f"SHOW {shown.text}", shown.place, may)


def _check_function(read: Sequence[Token], place: int) -> None:
    """Refuses functions of plugins: APOC's run Cypher from texts and read the server's settings."""
    first = place - 1
    while at(read, first).named and at(read, first - 1).is_mark("."):
        first -= 2
    head, before = at(read, first), at(read, first - 1)
    if before.word == "CALL":
        return  # all of the name has been looked up
    if before.kind == "other" and before.place + len(before.text) == head.place:
        head = before  # a letter of the name: none of Neo4j's own has such ones
    elif first == place - 1:
        return  # no point in the name
    if head.text.strip("`").lower() not in _FUNCTIONS.split():
        name = "".join(token.text for token in read[max(first, 0) : place])
        may = "functions of plugins may do anything; those of Neo4j itself may be used"
        raise Refusal(f"the function {name}", head.place, may)
