"""Values as texts: the server makes one of many properties, and the program cuts it again.

The driver, in Python, takes a microsecond for each value that it unpacks, and ten for each row. To
cut a text takes a tenth of that; and two values are equal exactly when their texts are.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from cachegraph.model.kinds import BOOLEAN, INTEGER, STRINGS, Kind
from cachegraph.model.schema import Property

ABSENT, END, MEMBER, NEXT = "\x01", "\x1f", "\x02", "\x03"
"""What stands for an absent value, and what ends a value, a member of a list, and a relationship.

The members of a list are followed by their number. Where values have one of these marks, a text is
not cut: such values are asked for one by one, and have texts that begin with END.
"""


def in_cypher(owner: str, properties: Iterable[Property]) -> str:
    """The expression of the text of some properties of a node or relationship."""
    return " + ".join(_in_cypher(f"{owner}.{p.name}", p.kind) for p in properties) or "''"


def _in_cypher(name: str, kind: Kind) -> str:
    absent, end, member = map(quoted, (ABSENT, END, MEMBER))
    text = f"toString({name})"
    if kind is STRINGS:
        text = f"reduce(x = '', v IN {name} | x + v + {member}) + toString(size({name}))"
    return f"coalesce({text}, {absent}) + {end}"


def from_text(kind: Kind, part: str) -> str:
    """The expression of a value, of the part of a text that stands for it."""
    values = {
        STRINGS: f"split({part}, {quoted(MEMBER)})[..-1]",
        INTEGER: f"toInteger({part})",
        BOOLEAN: f"toBoolean({part})",
    }
    return f"CASE {part} WHEN {quoted(ABSENT)} THEN null ELSE {values.get(kind, part)} END"


def quoted(mark: str) -> str:
    """A mark as Cypher has it."""
    return f"'\\u{ord(mark):04x}'"


def text_of(values: Sequence[Any]) -> str:
    """The text of values, equal to the one that the server makes.

    It is empty, and so another than that of any node, if a value has a mark.
    """
    text = "".join([f"{_text_of(value)}{END}" for value in values])
    counts = {
        END: len(values),
        ABSENT: sum(value is None for value in values),
        MEMBER: sum(len(value) for value in values if type(value) is list),
    }
    return text if all(text.count(mark) == count for mark, count in counts.items()) else ""


def _text_of(value: Any) -> str:
    if value is None:
        return ABSENT
    if type(value) is list:
        return "".join([f"{member}{MEMBER}" for member in value]) + str(len(value))
    return value if type(value) is str else str(value).lower()


def token_of(*values: Any) -> str:
    """The text of values as it would be cut out of another, or one that tells them as well."""
    listed = [[*value] if type(value) is tuple else value for value in values]
    return text_of(listed) or f"{END}{values!r}"


def cut(texts: Iterable[str], kinds: Sequence[Kind]) -> list[list[str]]:
    """The keys at the beginning of texts, then a column of the texts of each property.

    Nothing if there is none, or if some cannot be cut, as values have marks.
    """
    rows = [text.split(END) for text in texts]
    if any(len(row) != len(kinds) + 2 for row in rows):
        return []
    columns = [[*column] for column in zip(*rows, strict=True)][:-1]
    for kind, column in zip(kinds, columns[1:], strict=False):
        if not all(is_whole(text, kind) for text in {*column}):
            return []
    return columns


def is_whole(text: str, kind: Kind) -> bool:
    """Whether a text that was cut out is that of one value."""
    if text == ABSENT or kind is not STRINGS:
        return True
    *members, count = text.split(MEMBER)
    return count == str(len(members))


def value_of(text: str | None, kind: Kind) -> Any:
    """The value that a text stands for; ValueError if it is none of that kind."""
    if text is None or text == ABSENT:
        return None
    if text.startswith(END):
        return _verbatim(text)[0]
    return tuple(text.split(MEMBER)[:-1]) if kind is STRINGS else kind.decode(text)


def values_of(text: str, properties: Sequence[Property]) -> tuple[Any, ...]:
    """The values that the text of several properties stands for."""
    if text.startswith(END):
        return _verbatim(text)
    parts = text.split(END)[:-1]
    return tuple(value_of(part, p.kind) for part, p in zip(parts, properties, strict=True))


def _verbatim(text: str) -> tuple[Any, ...]:
    from ast import literal_eval

    return literal_eval(text[1:])  # type: ignore[no-any-return]  # what token_of has written


def are_whole(text: str, properties: Sequence[Property]) -> bool:
    """Whether a text that was cut out is that of one value for each of the properties."""
    *parts, rest = text.split(END)
    if rest or len(parts) != len(properties):
        return False
    return all(is_whole(part, p.kind) for part, p in zip(parts, properties, strict=True))
