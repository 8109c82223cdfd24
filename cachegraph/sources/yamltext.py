"""Reads YAML from others safely: limited in depth, without aliases, and without tags."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from cachegraph.errors import FormatError, quoted
from cachegraph.sources import Document

_MAX_DEPTH = 20
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


def load_yaml(
    document: Document, text: bytes, *, first_line: int = 1, keep_numbers: bool = False
) -> Any:
    """The value of a YAML text in a document, where it begins at ``first_line``.

    With ``keep_numbers`` decimals and dates stay text, as versions must. FormatError if it is not
    YAML, nests deeper than any page does, or has aliases or tags.
    """
    import yaml

    event: Any = None
    try:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        builder = _Builder(_numbers_kept if keep_numbers else _plain_value)
        for event in yaml.parse(text.decode(), loader):
            builder.add(event)
        return builder.value
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None) or getattr(event, "start_mark", None)
        place = f"line {mark.line + first_line}, column {mark.column + 1}: " if mark else ""
        problem = getattr(exc, "problem", None) or exc
        raise FormatError(f"{document.location}: {place}not YAML: {problem}") from exc


class _Builder:
    """Makes the value of a YAML text from its events.

    PyYAML's own way makes a tree of nodes first, many times as large as the text.
    """

    def __init__(self, plain_value: Callable[[str], Any]) -> None:
        self._plain_value = plain_value
        self._open: list[list[Any]] = [[]]

    @property
    def value(self) -> Any:
        """The value of the document; None of an empty one."""
        return next(iter(self._open[0]), None)

    def add(self, event: Any) -> None:
        """Adds an event of the text."""
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._open[-1].append(self._scalar(event))
        elif kind in ("SequenceStartEvent", "MappingStartEvent"):
            if event.tag is not None:
                raise ValueError(f"the tag {quoted(event.tag)}")
            if len(self._open) > _MAX_DEPTH:
                raise ValueError("nested too deeply")
            self._open.append([])
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            items = self._open.pop()
            self._open[-1].append(items if kind == "SequenceEndEvent" else _mapping(items))
        elif kind == "AliasEvent":
            raise ValueError("an alias")
        elif kind == "DocumentStartEvent" and self._open[0]:
            raise ValueError("a second document")

    def _scalar(self, event: Any) -> Any:
        if event.tag is None:
            return self._plain_value(event.value) if event.implicit[0] else event.value
        if event.tag not in _TEXT_TAGS:
            raise ValueError(f"the tag {quoted(event.tag)}")
        return event.value


def _mapping(items: Iterable[Any]) -> dict[Any, Any]:
    """The mapping of keys and values that follow each other; TypeError for a key of several."""
    parts = iter(items)
    return dict(zip(parts, parts, strict=True))


def _numbers_kept(text: str) -> Any:
    """The value of a word without quotes; decimals and dates stay text."""
    value = _plain_value(text)
    return value if value is None or isinstance(value, bool | int) else text


@lru_cache(maxsize=1 << 12)
def _plain_value(text: str) -> Any:
    """The value of a word without quotes: a number, a date, true, null; else the text."""
    import yaml

    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return loader.construct_object(yaml.ScalarNode(tag, text))
