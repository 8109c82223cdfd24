"""Refuses Cypher that does more than read the graph, by its text and by its plan. No driver.

The text is the only thing that stops LOAD CSV before the server sees it, which Neo4j counts as
reading; the plan stops it again. Where the text can be read in two ways, it is refused.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.errors import UsageError

PROCEDURES = frozenset(
    {
        "db.index.fulltext.queryNodes",
        "db.index.fulltext.queryRelationships",
        "db.labels",
        "db.propertyKeys",
        "db.relationshipTypes",
        "db.schema.nodeTypeProperties",
        "db.schema.relTypeProperties",
        "db.schema.visualization",
    }
)
# Functions with a point in their names that are Neo4j's own and read nothing.
_FUNCTIONS = frozenset(
    "coll date datetime duration localdatetime localtime point string time uuid vector".split()
)
_BEGINNINGS = frozenset(
    "MATCH OPTIONAL WITH UNWIND RETURN CALL SHOW LET FILTER FOR WHEN FINISH".split()
)
_WRITING = frozenset(
    "CREATE MERGE SET DELETE DETACH NODETACH REMOVE INSERT FOREACH DROP ALTER RENAME".split()
)
_REFUSED = _WRITING | frozenset("GRANT REVOKE DENY USE TERMINATE".split())
_PAIRS = {
    ("LOAD", "CSV"): "reads a file or an address from the server",
    ("START", "DATABASE"): "administers the server",
    ("STOP", "DATABASE"): "administers the server",
    ("PERIODIC", "COMMIT"): "commits",
    ("CONCURRENT", "TRANSACTIONS"): "commits",
    ("CONCURRENT", "TRANSACTION"): "commits",
}
_SHOWN = frozenset("INDEX INDEXES CONSTRAINT CONSTRAINTS FUNCTION FUNCTIONS".split()) | {
    "PROCEDURE",
    "PROCEDURES",
}
_WHICH = frozenset(
    "ALL BUILT IN USER DEFINED RANGE TEXT POINT FULLTEXT VECTOR LOOKUP NODE RELATIONSHIP REL "
    "PROPERTY UNIQUE UNIQUENESS KEY EXIST EXISTENCE TYPE".split()
)
_OPERATORS = frozenset({"ShowIndexes", "ShowConstraints", "ShowFunctions", "ShowProcedures"})
_LONGEST = 1_000_000
_HINT = (
    "cachegraph query only reads the graph; a name that is a word of Cypher goes into backticks, "
    "such as `set`"
)
_PLANS = "ask without it; the Neo4j Browser and cypher-shell show plans"

_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\r\n]* | /\*.*?\*/ )
    | (?P<text> '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" )
    | (?P<name> `(?:[^`]|``)*` )
    | (?P<number> (?: 0[xX][0-9A-Fa-f_]+ | 0[oO][0-7_]+
                    | [0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?[fFdD]? )(?![A-Za-z0-9_]) )
    | (?P<word> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<open> /\* | ['"`] )
    | (?P<glued> [0-9] )
    | (?P<mark> \.\. | [\x21-\x7e] )
    | (?P<blank> \s+ )
    | (?P<other> . )
    """,
    re.DOTALL | re.VERBOSE,
)
# Neo4j undoes \uXXXX everywhere before it reads: \u0043REATE is CREATE, \u0027 ends a text.
_ESCAPE = re.compile(r"\\u(?:00[0-7][0-9A-Fa-f])|(?<!\\)(?:\\\\)*\\u(?![0-9A-Fa-f]{4})")
# What some readers of text take for the end of a line, and with it of a comment.
_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class _Token(NamedTuple):
    kind: str
    text: str
    place: int

    @property
    def word(self) -> str:
        """The word in capitals; empty for what is none, and for a name in backticks."""
        return self.text.upper() if self.kind == "word" else ""


_END = _Token("end", "", -1)


class _Refused(Exception):  # noqa: N818  # not an error before it has a place
    def __init__(self, why: str, place: int, hint: str = _HINT) -> None:
        super().__init__(why)
        self.why, self.place, self.hint = why, place, hint


def refuse_text(text: str) -> None:
    """UsageError, with the place and the reason, for a text that is not one reading statement."""
    try:
        _check(text)
    except _Refused as refused:
        line, column = position(text, refused.place)
        raise UsageError(
            f"refused: line {line}, column {column}: {refused.why}", refused.hint
        ) from None


def position(text: str, place: int) -> tuple[int, int]:
    """The line and the column of a place in a text, both from 1."""
    before = text[:place]
    return before.count("\n") + 1, place - before.rfind("\n")


def refuse_plan(query_type: str | None, plan: Mapping[str, Any] | None) -> None:
    """UsageError when what the server plans to do is more than reading the graph."""
    for operator, details in _operators(plan):
        if operator == "LoadCSV":
            raise UsageError("refused: LOAD CSV reads a file or an address from the server", _HINT)
        if operator.startswith("Transaction"):
            raise UsageError("refused: IN TRANSACTIONS commits", _HINT)
        if operator.startswith(("Show", "Terminate")) and operator not in _OPERATORS:
            raise UsageError(f"refused: the server plans {operator}", _HINT)
        if operator == "ProcedureCall" and (name := details.partition("(")[0]) not in PROCEDURES:
            raise UsageError(*_procedure(name))
    if query_type != "r":
        kind = {"w": "writes", "rw": "writes", "s": "administers"}.get(query_type or "", "does")
        raise UsageError(f"refused: the server says that it {kind} more than it may", _HINT)
    if plan is None:
        raise UsageError("refused: the server shows no plan of it", _HINT)


def _operators(plan: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    waiting = [plan] if plan is not None else []
    while waiting:
        plan = waiting.pop()
        details = str((plan.get("args") or {}).get("Details", ""))
        yield str(plan.get("operatorType", "")).partition("@")[0], details.replace("`", "")
        waiting += plan.get("children") or []


def _check(text: str) -> None:
    _check_characters(text)
    tokens = [*_tokens(text)]
    if not tokens:
        raise _Refused("there is nothing to ask", 0, "such as: MATCH (s:Stack) RETURN s.key")
    _check_beginning(tokens)
    for place, token in enumerate(tokens):
        if token.kind == "word" and not _is_name(tokens, place):
            _check_word(tokens, place)
        elif token.text == "(":
            _check_function(tokens, place)
        elif token.text == ";" and token.kind == "mark" and place + 1 < len(tokens):
            raise _Refused("a second statement", tokens[place + 1].place, "ask one at a time")
    # Words that no name may come between, so whatever stands before them.
    solid = [token for token in tokens if token.kind != "other"]
    for first, second in zip(solid, solid[1:], strict=False):
        if why := _PAIRS.get((first.word, second.word)):
            raise _Refused(f"{first.word} {second.word} {why}", first.place)


def _check_characters(text: str) -> None:
    if len(text) > _LONGEST:
        raise _Refused(f"a text of more than {_LONGEST} characters", _LONGEST)
    for place, character in enumerate(text):
        if "\ud800" <= character <= "\udfff":
            raise _Refused("half a character", place, "the text is to be UTF-8")
    if escape := _ESCAPE.search(text):
        raise _Refused(
            f"the escape {text[escape.start() : escape.end() + 4][:8]}",
            escape.start(),
            "write the character itself, or give it as a parameter",
        )


def _tokens(text: str) -> Iterator[_Token]:
    """What Neo4j reads, without comments and white space."""
    for match in _TOKEN.finditer(text):
        kind, found = match.lastgroup or "", match[0]
        token = _Token(kind, found, match.start())
        if kind == "open":
            raise _Refused(f"what {found} begins has no end", token.place)
        if kind == "glued":
            raise _Refused("a number runs into a word", token.place, "put a blank between")
        if found == "\\":
            raise _Refused("a backslash outside of a text", token.place)
        if kind == "comment" and _LINE_END.search(found):
            raise _Refused("a comment with an odd end of line in it", token.place)
        if kind not in ("comment", "blank") and not found.isspace():
            yield token


def _check_beginning(tokens: Sequence[_Token]) -> None:
    rest = iter(tokens)
    token = next(rest)
    while token.word == "CYPHER" or token.kind == "number" or _is_option(tokens, token):
        if _is_option(tokens, token):
            next(rest), next(rest, _END)
        token = next(rest, _END)
    if token.word in ("EXPLAIN", "PROFILE"):
        raise _Refused(f"{token.word} gives a plan, no rows", token.place, _PLANS)
    if token.word not in _BEGINNINGS | _REFUSED and token.text != "{":
        begins = ", ".join(sorted(_BEGINNINGS))
        raise _Refused(f"{token.text} begins no reading", token.place, f"these do: {begins}")


def _is_option(tokens: Sequence[_Token], token: _Token) -> bool:
    """Whether this is the name in ``CYPHER name=value``."""
    place = tokens.index(token) if token is not _END else len(tokens)
    return token.kind == "word" and _at(tokens, place + 1).text == "="


def _at(tokens: Sequence[_Token], place: int) -> _Token:
    return tokens[place] if 0 <= place < len(tokens) else _END


def _is_name(tokens: Sequence[_Token], place: int) -> bool:
    """Whether a word is a name, and no word of Cypher, wherever that can be told for sure.

    Nothing that may end an expression counts as what comes before a name: in ``n:% SET`` and
    ``1.SET`` the last word is one of Cypher.
    """
    before, after = _at(tokens, place - 1), _at(tokens, place + 1)
    if before.kind == "mark" and before.text in ".$:|&!":
        return before.text != "." or _at(tokens, place - 2).kind != "number"
    return after.text == ":" and before.kind == "mark" and before.text in "{,(["


def _check_word(tokens: Sequence[_Token], place: int) -> None:
    token = tokens[place]
    word = token.word
    if word in _REFUSED:
        does = "writes" if word in _WRITING else "does more than read"
        raise _Refused(f"{word} {does}", token.place)
    if word in ("TRANSACTIONS", "TRANSACTION"):
        if _at(tokens, place - 1).word == "IN" and _at(tokens, place - 2).text == "}":
            raise _Refused(f"IN {word} commits", token.place)
    elif word == "CALL":
        _check_call(tokens, place)
    elif word == "SHOW":
        _check_show(tokens, place)


def _check_call(tokens: Sequence[_Token], place: int) -> None:
    """Refuses procedures; a variable of that name, and a subquery, is no call of one."""
    after = _at(tokens, place + 1)
    if after.kind in ("word", "name", "other"):
        parts = [after.text]
        place += 2
        while _at(tokens, place).text == ".":
            parts.append(_at(tokens, place + 1).text)
            place += 2
        name = ".".join(part.strip("`") for part in parts)
        if name not in PROCEDURES:
            why, hint = _procedure(name)
            raise _Refused(why.removeprefix("refused: "), after.place, hint)


def _procedure(name: str) -> tuple[str, str]:
    return f"refused: the procedure {name}", f"these may be called: {', '.join(sorted(PROCEDURES))}"


def _check_show(tokens: Sequence[_Token], place: int) -> None:
    start = place
    place += 1
    while _at(tokens, place).word in _WHICH:
        place += 1
    shown = _at(tokens, place)
    if shown.kind == "word" and shown.word not in _SHOWN:
        raise _Refused(
            f"SHOW {shown.text}",
            tokens[start].place,
            "these may be shown: INDEXES, CONSTRAINTS, FUNCTIONS, PROCEDURES",
        )


def _check_function(tokens: Sequence[_Token], place: int) -> None:
    """Refuses functions of plugins: apoc's run Cypher from texts, and read the server's settings."""
    names = ("word", "name", "other")
    first = place - 1
    if _at(tokens, first).kind not in names or _at(tokens, first - 1).text != ".":
        return
    while _at(tokens, first - 1).text == "." and _at(tokens, first - 2).kind in names:
        first -= 2
    if _at(tokens, first - 1).word == "CALL":
        return  # a procedure: its whole name has been looked up
    head = tokens[first].text.strip("`")
    if head.lower() not in _FUNCTIONS:
        raise _Refused(
            f"the function {''.join(token.text for token in tokens[first:place])}",
            tokens[first].place,
            "functions of plugins may do anything; Neo4j's own may be used",
        )
