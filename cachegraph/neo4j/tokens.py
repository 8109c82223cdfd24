"""Splits Cypher text into tokens as Neo4j does, without looking at what they mean.

A text that can be split in two ways is refused, because in one of them a write could hide.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_LONGEST = 100_000
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
# Neo4j replaces \uXXXX everywhere before it reads the text: \u0043REATE is CREATE, \u0027 ends a
# string. It accepts digits of any script in XXXX. Two backslashes before the u are a plain one,
# so an escape has an odd number of them.
_ESCAPE = re.compile(
    r"(?<!\\)(?:\\\\)*\\u(?:00[0-7][0-9A-Fa-f]|(?![0-9A-Fa-f]{4}).{0,4})", re.DOTALL
)
# Characters that some programs take for the end of a line, and so of a comment.
_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE_HINT = "write the character itself, or pass it as a parameter"


class Token(NamedTuple):
    """A word, mark, string, number or name in backticks, and its place in the text."""

    kind: str
    text: str
    place: int

    @property
    def word(self) -> str:
        """The word in capitals; empty for other tokens, a name in backticks among them."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def may_be_name(self) -> bool:
        """Whether the token may be a name, or a part of one."""
        return self.kind in ("word", "name", "other")

    def is_mark(self, marks: Sequence[str]) -> bool:
        """Whether the token is one of these marks, and not a string that looks like one."""
        return self.kind == "mark" and self.text in marks


END = Token("end", "", -1)


class Refusal(Exception):  # noqa: N818  # becomes a UsageError with a line and a column
    """A reason to refuse a text, the place in it, and what to do instead."""

    def __init__(self, why: str, place: int, hint: str | None = None) -> None:
        super().__init__(why)
        self.why, self.place, self.hint = why, place, hint


def tokenize(text: str) -> list[Token]:
    """The tokens, without comments and white space; Refusal if the text can be read in two ways."""
    if len(text) > _LONGEST:
        raise Refusal(f"a text of more than {_LONGEST:,} characters", _LONGEST)
    if surrogate := _SURROGATE.search(text):
        raise Refusal("an unpaired surrogate", surrogate.start(), "the text must be UTF-8")
    if escape := _ESCAPE.search(text):
        raise Refusal(f"the escape {escape[0]}", escape.start(), _ESCAPE_HINT)
    return [*_tokens(text)]


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        token = Token(match.lastgroup or "", match[0], match.start())
        if token.kind == "open":
            raise Refusal(f"{token.text} has no end", token.place)
        if token.kind == "glued":
            raise Refusal("a number runs into a word", token.place, "put a space between them")
        if token.is_mark("\\"):
            raise Refusal("a backslash outside of a string", token.place)
        if token.kind == "comment" and _LINE_END.search(token.text):
            raise Refusal("a comment with an unusual end of line", token.place)
        if token.kind not in ("comment", "blank"):
            yield token


def token_at(tokens: Sequence[Token], index: int) -> Token:
    """The token at an index, or ``END`` outside of the list."""
    return tokens[index] if 0 <= index < len(tokens) else END
