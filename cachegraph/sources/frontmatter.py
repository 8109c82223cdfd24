"""Front matter of pages: by JSON where that gives what YAML would give, else by PyYAML."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from cachegraph.errors import FormatError
from cachegraph.sources import Document
from cachegraph.sources.yamltext import load_yaml

FENCE = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n")
# Plain words that YAML reads as themselves: no number, no date, no yes, no, on, off, null, true.
_PLAIN = r"(?!(?:y|n|yes|no|on|off|true|false|null)\b)[a-z][a-z0-9_.+-]*"
_TITLE = re.compile(rf'"([^"\\]*)"|({_PLAIN})', re.IGNORECASE).fullmatch
_CATEGORIES = re.compile(rf"\[ *package *, *({_PLAIN}) *\]", re.IGNORECASE).fullmatch


class Front(NamedTuple):
    """The fields of a page's front matter, and the lines they stand on where known."""

    fields: dict[str, Any]
    lines: dict[str, int]


def fenced(document: Document) -> list[bytes]:
    """The lines between the fences; the first of them is line 2 of the document."""
    fence = FENCE.match(document.data)
    if not fence:
        found = document.data[:40].partition(b"\n")[0].decode(errors="backslashreplace")
        raise FormatError(
            f"{document.location}: line 1: no front matter: expected '---', found {found!r}",
            "a page of cache.spack.io begins with a line '---'",
        )
    lines = document.data[fence.end() :].rstrip().split(b"\n")
    if lines[-1] != b"---":
        raise FormatError(
            f"{document.location}: line {len(lines) + 1}: cut off: no closing '---'",
            "fetch the page again: nothing of it was taken",
        )
    return lines[:-1]


def by_json(lines: list[bytes]) -> Front | None:
    """The front matter as the site writes it, or None when it is of another shape."""
    fields: dict[str, Any] = {}
    numbers = {}
    for number, line in enumerate(lines, 2):
        name, _, text = line.partition(b": ")
        reader = _READERS.get(name)
        field = name.decode(errors="replace")
        # Beyond ASCII the two languages disagree on where lines end; the site escapes all of it.
        if reader is None or field in fields or not line.isascii():
            return None
        try:
            fields[field] = reader(text)
        except (ValueError, TypeError):
            return None
        numbers[field] = number
    return Front(fields, numbers)


def _title(text: bytes) -> str:
    match = _TITLE(text.decode().strip())
    if match is None:
        raise ValueError
    return match[1] or match[2]


def _categories(text: bytes) -> list[str]:
    match = _CATEGORIES(text.decode().strip())
    if match is None:
        raise ValueError
    return ["package", match[1]]


_READERS: dict[bytes, Callable[[bytes], Any]] = {
    b"title": _title,
    b"layout": bytes.strip,
    b"categories": _categories,
    b"meta": orjson.loads,
    b"spec_details": orjson.loads,
}


def by_yaml(document: Document, lines: list[bytes]) -> Front:
    """The front matter as YAML; FormatError when it is none, or no map of fields."""
    import yaml

    starts = [number for number, line in enumerate(lines) if line.startswith(b"spec_files:")]
    # The list of 2021 is no YAML when a spec has quotes in it: only its file names are read.
    end = starts[0] if starts else len(lines)
    try:
        fields = load_yaml(b"\n".join(lines[:end]).decode())
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        raise FormatError(f"{document.location}: {_position(exc)}") from exc
    if not isinstance(fields, dict):
        raise FormatError(f"{document.location}: line 2: expected fields, such as 'title: ...'")
    if starts:
        listed = b"\n".join(lines[end:])
        names = re.findall(rb": *(spec-\d+\.json)\s*$", listed, re.MULTILINE)
        fields["spec_files"] = [name.decode() for name in names]
    return Front(fields, {})


def _position(exc: Exception) -> str:
    mark = getattr(exc, "problem_mark", None)
    if mark is None:
        return f"not a page: {exc}"
    problem = getattr(exc, "problem", None) or "not YAML"
    return f"line {mark.line + 2}, column {mark.column + 1}: {problem}"
