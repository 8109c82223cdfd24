"""Refuses Cypher that does more than read the graph, by its text and by its plan. No driver.

To Neo4j LOAD CSV is a read, although it reads the server's files: only these two checks stop it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from cachegraph.errors import UsageError
from cachegraph.neo4j.tokens import END, Refusal, Token, token_at, tokenize

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
# Namespaces of Neo4j's own functions; graph.byName() is left out: it needs USE, which is refused.
_NAMESPACES = "coll date datetime duration localdatetime localtime point string time uuid vector"
_BEGINNINGS = "CALL FILTER FINISH FOR LET MATCH OPTIONAL RETURN SHOW UNWIND WHEN WITH"
_WRITES = "CREATE MERGE INSERT SET REMOVE DELETE DETACH NODETACH FOREACH DROP ALTER RENAME"
_ADMINISTERS = "GRANT REVOKE DENY USE TERMINATE"
_WORD_PAIRS = {
    ("LOAD", "CSV"): "reads files and addresses from the server",
    ("START", "DATABASE"): "administers the server",
    ("STOP", "DATABASE"): "administers the server",
    ("PERIODIC", "COMMIT"): "commits",
    ("CONCURRENT", "TRANSACTIONS"): "commits",
    ("CONCURRENT", "TRANSACTION"): "commits",
}
# Words that may stand before a variable, which may be named ``as``: then AS is no keyword.
_BEFORE_VARIABLES = (
    "ALL AND ANY AS ASC BY CALL CASE CONTAINS CSV CYPHER DESC DISTINCT ELSE END ENDS ERROR "
    "EXISTS EXPLAIN FILTER FOR FROM GRAPH GROUP HAVING HEADERS IN INTO IS LABELED LET LIMIT "
    "MATCH NEXT NONE NOT NULL OF OFFSET ON OPTIONAL OR ORDER PROFILE REPORT RETURN SEARCH "
    "SHORTEST SINGLE SKIP STARTS STATUS THEN TO TYPED UNION UNWIND VALUE VALUES WHEN WHERE WITH "
    "XOR YIELD"
)
_SHOW_FILTERS = (
    "ALL BUILT IN USER DEFINED RANGE TEXT POINT FULLTEXT VECTOR LOOKUP NODE RELATIONSHIP REL "
    "PROPERTY UNIQUE UNIQUENESS KEY EXIST EXISTENCE TYPE"
)
_SHOWABLE = "INDEX INDEXES CONSTRAINT CONSTRAINTS FUNCTION FUNCTIONS PROCEDURE PROCEDURES"
_SHOW_OPERATORS = ("ShowIndexes", "ShowConstraints", "ShowFunctions", "ShowProcedures")
_READ_HINT = (
    "cachegraph query only reads the graph; put a name that is a word of Cypher into backticks, "
    "such as `set`"
)
_PLAN_HINT = "remove it; the Neo4j Browser and cypher-shell show plans"
_PROCEDURE_HINT = f"these may be called: {', '.join(PROCEDURES)}"


def refuse_text(text: str) -> None:
    """UsageError, with the place and the reason, unless the text is one statement that reads."""
    try:
        _check(tokenize(text))
    except Refusal as refusal:
        before = text[: refusal.place]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"refused: line {line}, column {column}: {refusal.why}"
        raise UsageError(message, refusal.hint or _READ_HINT) from None


def refuse_plan(query_type: str | None, plan: Mapping[str, Any] | None) -> None:
    """UsageError if the server's plan does more than read the graph."""
    if plan is None:
        raise UsageError("refused: the server gives no plan of the query", _READ_HINT)
    for operator, details in _operators(plan):
        if why := _why_refused(operator, details):
            raise UsageError(f"refused: {why}", _READ_HINT)
    if query_type != "r":
        does = "writes" if query_type in ("w", "rw") else "does more than read"
        raise UsageError(f"refused: the server says that it {does}", _READ_HINT)


def _operators(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    remaining = [plan]
    while remaining:
        operator = remaining.pop()
        details = str((operator.get("args") or {}).get("Details", ""))
        yield str(operator["operatorType"]).partition("@")[0], details
        remaining += operator.get("children") or []


def _why_refused(operator: str, details: str) -> str | None:
    """The reason to refuse an operator of a plan, or None."""
    if operator == "LoadCSV":
        return "LOAD CSV reads files and addresses from the server"
    if operator.startswith("Transaction"):
        return "IN TRANSACTIONS commits"
    if operator.startswith(("Show", "Terminate")) and operator not in _SHOW_OPERATORS:
        return f"the server plans {operator}"
    name = details.partition("(")[0].replace("`", "")
    if operator == "ProcedureCall" and name not in PROCEDURES:
        return f"the procedure {name}"
    return None


def _check(tokens: Sequence[Token]) -> None:
    _check_beginning(tokens)
    for index, token in enumerate(tokens):
        if token.kind == "word" and not _is_name(tokens, index):
            _check_word(tokens, index)
        elif token.is_mark("("):
            _check_function(tokens, index)
        elif token.is_mark(";") and index + 1 < len(tokens):
            raise Refusal("a second statement", tokens[index + 1].place, "ask one at a time")
    # These pairs of words have no other meaning, whatever is before or between them.
    words = [token for token in tokens if token.kind != "other"]
    for first, second in pairwise(words):
        if why := _WORD_PAIRS.get((first.word, second.word)):
            raise Refusal(f"{first.word} {second.word} {why}", first.place)


def _check_beginning(tokens: Sequence[Token]) -> None:
    """Refuses a first word that no reading statement has, after options such as ``CYPHER 25``."""
    index = 0
    while True:
        token = token_at(tokens, index)
        if token.word and token_at(tokens, index + 1).is_mark("="):
            index += 3  # name=value
        elif token.word == "CYPHER" or token.kind == "number":
            index += 1
        else:
            break
    if token is END:
        hint = "such as: MATCH (s:Stack) RETURN s.key"
        raise Refusal("the query is empty: there is nothing to ask", 0, hint)
    if token.word in ("EXPLAIN", "PROFILE"):
        raise Refusal(f"{token.word} gives a plan instead of rows", token.place, _PLAN_HINT)
    known = f"{_BEGINNINGS} {_WRITES} {_ADMINISTERS} LOAD".split()
    if token.word not in known and not token.is_mark("{"):
        begins = f"one that reads begins with {', '.join(_BEGINNINGS.split())}"
        raise Refusal(f"no reading statement begins with {token.text}", token.place, begins)


def _is_name(tokens: Sequence[Token], index: int) -> bool:
    """Whether a word is certainly a name, and not a keyword.

    A mark that may end an expression does not count as one before a name: in ``n:% SET`` and
    ``1.SET`` the last word is a keyword.
    """
    before, after = token_at(tokens, index - 1), token_at(tokens, index + 1)
    if before.word == "AS" and _ends_value(tokens, index - 2):
        return True
    if before.is_mark("."):
        return token_at(tokens, index - 2).kind != "number"
    if before.is_mark("$"):
        return _begins_parameter(tokens, index - 1)
    return before.is_mark(":|&!") or (after.is_mark(":") and before.is_mark("{,(["))


def _begins_parameter(tokens: Sequence[Token], index: int) -> bool:
    """Whether a ``$`` begins a parameter: right behind a name it may be a part of that."""
    token, before = tokens[index], token_at(tokens, index - 1)
    if before.place + len(before.text) != token.place:
        return True
    if before.is_mark("$"):
        return _begins_parameter(tokens, index - 1)
    return before.kind == "mark"


def _ends_value(tokens: Sequence[Token], index: int) -> bool:
    """Whether a token certainly ends a value, so that AS behind it gives the value a name."""
    token, before = token_at(tokens, index), token_at(tokens, index - 1)
    if token.kind == "word":
        keywords = f"{_BEFORE_VARIABLES} {_WRITES} {_ADMINISTERS}".split()
        return before.is_mark(".") or token.word not in keywords
    return token.kind in ("number", "text", "name") or token.is_mark(")]}")


def _check_word(tokens: Sequence[Token], index: int) -> None:
    token = tokens[index]
    word = token.word
    if word in _WRITES.split():
        raise Refusal(f"{word} writes", token.place)
    if word in _ADMINISTERS.split():
        raise Refusal(f"{word} does more than read", token.place)
    if word in ("TRANSACTIONS", "TRANSACTION"):
        if token_at(tokens, index - 1).word == "IN" and token_at(tokens, index - 2).is_mark("}"):
            raise Refusal(f"IN {word} commits", token.place)
    elif word == "CALL":
        _check_call(tokens, index + 1)
    elif word == "SHOW":
        _check_show(tokens, index + 1)


def _check_call(tokens: Sequence[Token], index: int) -> None:
    """Refuses other procedures than those listed; subqueries and variables named ``call`` pass."""
    start = token_at(tokens, index)
    if not start.may_be_name:
        return
    name = start.text.strip("`")
    while token_at(tokens, index + 1).is_mark("."):
        index += 2
        name += f".{token_at(tokens, index).text.strip('`')}"
    if name not in PROCEDURES or token_at(tokens, index + 1).kind == "other":
        raise Refusal(f"the procedure {name}", start.place, _PROCEDURE_HINT)


def _check_show(tokens: Sequence[Token], index: int) -> None:
    """Refuses what may not be shown; variables named ``show`` pass."""
    first = index
    while token_at(tokens, index).word in _SHOW_FILTERS.split():
        index += 1
    shown = token_at(tokens, index)
    if (shown.may_be_name or index > first) and shown.word not in _SHOWABLE.split():
        may = "these may be shown: INDEXES, CONSTRAINTS, FUNCTIONS, PROCEDURES"
        what = " ".join(token.text for token in tokens[first : index + 1])
        raise Refusal(f"SHOW {what}", tokens[first].place, may)


def _check_function(tokens: Sequence[Token], index: int) -> None:
    """Refuses functions of plugins: those of APOC can run Cypher and read the server's settings."""
    first = index - 1
    while token_at(tokens, first).may_be_name and token_at(tokens, first - 1).is_mark("."):
        first -= 2
    head, before = token_at(tokens, first), token_at(tokens, first - 1)
    if before.word == "CALL":
        return  # the whole name has been checked
    if before.kind == "other" and before.place + len(before.text) == head.place:
        head = before  # a letter of the name that no name of Neo4j's own has
    elif first == index - 1:
        return  # a name without a namespace
    if head.text.strip("`").lower() not in _NAMESPACES.split():
        name = "".join(token.text for token in tokens[max(first, 0) : index])
        may = "functions of plugins may do anything; those of Neo4j itself may be used"
        raise Refusal(f"the function {name}", head.place, may)
