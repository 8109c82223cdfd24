"""Reads the front matter of pages: as JSON where YAML would give the same, else with PyYAML."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from cachegraph.errors import FormatError
from cachegraph.sources import Document
from cachegraph.sources.yamltext import load_yaml

FENCE = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n")
# Words that YAML reads as themselves: not a number, date, yes, no, on, off, null or true.
_WORD = r"(?!(?:y|n|yes|no|on|off|true|false|null)\b)[a-z][a-z0-9_.+-]*"
_match_title = re.compile(rf'"([^"\\]*)"|({_WORD})', re.IGNORECASE).fullmatch
_match_categories = re.compile(rf"\[ *package *, *({_WORD}) *\]", re.IGNORECASE).fullmatch
_EXPONENT = re.compile(rb"[\[:,] *-?\d+(\.\d+)?[eE][-+]?\d")


class FrontMatter(NamedTuple):
    """The fields of a page's front matter, and the numbers of their lines where known."""

    fields: dict[str, Any]
    lines: dict[str, int]


def front_matter_lines(document: Document) -> list[bytes]:
    """The lines between the fences; the first of them is line 2 of the document."""
    fence = FENCE.match(document.data)
    if not fence:
        found = document.data[:40].partition(b"\n")[0].decode(errors="backslashreplace")
        message = f"{document.location}: line 1: no front matter: expected '---', found {found!r}"
        raise FormatError(message, "a page of cache.spack.io begins with a line '---'")
    lines = document.data[fence.end() :].rstrip().split(b"\n")
    if lines[-1] != b"---":
        message = f"{document.location}: line {len(lines) + 1}: cut off: no closing '---'"
        raise FormatError(message, "fetch the page again: nothing of it was imported")
    return lines[:-1]


def first_fields(document: Document) -> dict[str, Any]:
    """The fields of the first lines of a page as the site writes them, those before ``meta``."""
    fence = FENCE.match(document.data)
    before_meta = document.data[fence.end() : 4096].partition(b"\nmeta: ")[0] if fence else b""
    front_matter = parse_as_json(before_meta.split(b"\n"))
    return front_matter.fields if front_matter else {}


def parse_as_json(
    lines: list[bytes], parse_value: Callable[[bytes], Any] = orjson.loads
) -> FrontMatter | None:
    """The front matter as the site writes it; None if it has another shape."""
    fields: dict[str, Any] = {}
    numbers = {}
    for number, line in enumerate(lines, 2):
        name, _, text = line.partition(b": ")
        parse = parse_value if name in _VALUES else _PARSERS.get(name)
        field = name.decode(errors="replace")
        # Beyond ASCII, JSON and YAML disagree on where lines end; the site writes only ASCII.
        if parse is None or field in fields or not line.isascii():
            return None
        try:
            fields[field] = parse(text)
        except (ValueError, TypeError):
            return None
        numbers[field] = number
    return FrontMatter(fields, numbers)


def _parse_title(text: bytes) -> str:
    if match := _match_title(text.decode().strip()):
        return match[1] or match[2]
    raise ValueError


def _parse_categories(text: bytes) -> list[str]:
    if match := _match_categories(text.decode().strip()):
        return ["package", match[1]]
    raise ValueError


_PARSERS: dict[bytes, Callable[[bytes], Any]] = {
    b"title": _parse_title,
    b"layout": bytes.strip,
    b"categories": _parse_categories,
}
_VALUES = (b"meta", b"spec_details")


def is_other_in_yaml(lines: list[bytes]) -> bool:
    """Whether front matter that is JSON may have other values in YAML: there, 1e3 is text."""
    return any(map(_EXPONENT.search, lines))


def parse_as_yaml(document: Document, lines: list[bytes]) -> FrontMatter:
    """The front matter as YAML; FormatError if it is not YAML, or not a map of fields."""
    # The list of spec files of 2021 is invalid YAML when a spec has quotes: read by its names.
    starts = [number for number, line in enumerate(lines) if line.startswith(b"spec_files:")]
    end = starts[0] if starts else len(lines)
    fields = load_yaml(document, b"\n".join(lines[:end]), first_line=2)
    if not isinstance(fields, dict):
        raise FormatError(f"{document.location}: line 2: expected fields, such as 'title: ...'")
    if starts:
        spec_files = b"\n".join(lines[end:])
        names = re.findall(rb": *(spec-\d+\.json)\s*$", spec_files, re.MULTILINE)
        fields["spec_files"] = [name.decode() for name in names]
    return FrontMatter(fields, {})
