"""Values as texts: the server makes one of many properties, and the program cuts it again.

The driver, in Python, takes a microsecond for each value that it unpacks, and ten for each row. To
cut a text takes a tenth of that; and two values are equal exactly when their texts are.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice, repeat
from typing import Any

from cachegraph.model.kinds import BOOLEAN, INTEGER, STRINGS, Kind
from cachegraph.model.schema import Property

ABSENT, END, MEMBER, NEXT, NODE = "\x01", "\x1f", "\x02", "\x03", "\x04"
"""Marks: what stands for an absent value, and what ends a value and a member of a list.

The last two begin a relationship and a node. After the members of a list comes their number. Where
values have one of these marks, a text is not cut: such values are asked for one by one, and have
texts that begin with END.
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


def cut(
    texts: Iterable[str], common: Sequence[Kind], own: Sequence[Kind]
) -> list[Sequence[str]] | None:
    """The keys of nodes, then a column of the texts of each property, the common ones first.

    A text has the values that some nodes have in common, then of each its key and its own values.
    None if some cannot be cut, as values have marks.
    """
    groups = [text.split(NODE) for text in texts]
    sizes = [len(group) - 1 for group in groups]
    parts = [text.partition(END) for group in groups for text in islice(group, 1, None)]
    of_groups = _columns([group[0] for group in groups], common)
    of_each = _columns([rest for _, _, rest in parts], own)
    if of_groups is None or of_each is None:
        return None
    of_all = ([*chain.from_iterable(map(repeat, column, sizes))] for column in of_groups)
    return [[key for key, _, _ in parts], *of_all, *of_each]


def _columns(texts: Sequence[str], kinds: Sequence[Kind]) -> list[Sequence[str]] | None:
    """A column of each property from texts of several; equal ones are cut once."""
    rows = {text: text.split(END) for text in {*texts}}
    for row in rows.values():
        if len(row) != len(kinds) + 1 or not all(map(is_whole, row, kinds)):
            return None
    return [*islice(zip(*map(rows.__getitem__, texts), strict=True), len(kinds))]


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
