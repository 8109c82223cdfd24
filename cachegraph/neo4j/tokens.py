"""A text of Cypher as the words and marks that Neo4j reads in it; nothing of what they mean.

Where a text can be read in two ways, it is refused: what hides in one of them would get through.
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
# Neo4j undoes \uXXXX before it reads, anywhere: \u0043REATE is CREATE, and \u0027 ends a text. It
# takes the digits of every script for XXXX. Two backslashes before the u are one that stays.
_ESCAPE = re.compile(
    r"\\u00[0-7][0-9A-Fa-f]|(?<!\\)(?:\\\\)*\\u(?![0-9A-Fa-f]{4}).{0,4}", re.DOTALL
)
# What some readers of text take for the end of a line, and with it of a comment.
_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_HALF = re.compile("[\ud800-\udfff]")
_BETWEEN = "put a blank between them"
_PLAIN = "write the character itself, or give it as a parameter"


class Token(NamedTuple):
    """A word, a mark, a text, a number or a name in backticks, and where it begins."""

    kind: str
    text: str
    place: int

    @property
    def word(self) -> str:
        """The word in capitals; empty for what is none, and for a name in backticks."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def named(self) -> bool:
        """Whether it may be a name, or a part of one."""
        return self.kind in ("word", "name", "other")

    def is_mark(self, marks: Sequence[str]) -> bool:
        """Whether it is one of these marks, and not a text that reads like one."""
        return self.kind == "mark" and self.text in marks


END = Token("end", "", -1)


class Refusal(Exception):  # noqa: N818  # no error of ours before it has a line and a column
    """What is refused, where, and what to do instead."""

    def __init__(self, why: str, place: int, hint: str | None = None) -> None:
        super().__init__(why)
        self.why, self.place, self.hint = why, place, hint


def tokens(text: str) -> list[Token]:
    """What Neo4j reads, without comments and white space; Refusal for what can be misread."""
    if len(text) > _LONGEST:
        raise Refusal(f"a text of more than {_LONGEST:,} characters", _LONGEST)
    if half := _HALF.search(text):
        raise Refusal("half a character", half.start(), "the text is to be UTF-8")
    if escape := _ESCAPE.search(text):
        raise Refusal(f"the escape {escape[0]}", escape.start(), _PLAIN)
    return [*_tokens(text)]


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        token = Token(match.lastgroup or "", match[0], match.start())
        if token.kind == "open":
            raise Refusal(f"what {token.text} begins has no end", token.place)
        if token.kind == "glued":
            raise Refusal("a number runs into a word", token.place, _BETWEEN)
        if token.is_mark("\\"):
            raise Refusal("a backslash outside of a text", token.place)
        if token.kind == "comment" and _LINE_END.search(token.text):
            raise Refusal("a comment with an odd end of line in it", token.place)
        if token.kind not in ("comment", "blank"):
            yield token


def at(read: Sequence[Token], place: int) -> Token:
    """The token there, or one that is nothing."""
    return read[place] if 0 <= place < len(read) else END
