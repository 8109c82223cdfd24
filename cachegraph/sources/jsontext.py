"""Reads the JSON of a document, with or without a signature, byte order mark, or data after it."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson

from cachegraph.errors import FormatError
from cachegraph.model.utf8_text import utf8_text
from cachegraph.sources import Document

_BOM = b"\xef\xbb\xbf"
_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_FIRST_KEY = re.compile(rb'\s*\{\s*"([^"\\]*)"\s*:').match
_STRING_OR_BRACKET = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)"|[{}\[\]]', re.DOTALL)
_COLON = re.compile(rb"\s*:\s*")
_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*').match
_NEXT_KEY = re.compile(r'\s*,\s*("(?:[^"\\]|\\.)*")\s*:\s*').match
OBJECT_HEAD = 4 << 20
"""Bytes of a JSON object within which a format is recognized by any of the keys."""
_DEEPEST = 1000


def strip_signature(data: bytes) -> bytes:
    """The text without a byte order mark and without the lines of a PGP signature around it."""
    data = data.removeprefix(_BOM)
    if not data.startswith(_SIGNED):
        return data
    _, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    body, _, _ = body.partition(_SIGNATURE)
    # In a signed text, lines that begin with a dash have another dash and a blank before it.
    return re.sub(rb"^- ", b"", body, flags=re.MULTILINE)


def first_key(data: bytes) -> str:
    """The first key of a JSON object; empty if the text is not an object."""
    match = _FIRST_KEY(strip_signature(data))
    return match[1].decode(errors="replace") if match else ""


def has_entry(data: bytes, key: str, value: bytes = b"") -> bool:
    """Whether a JSON object has a key, wherever among its keys, near the beginning of the text.

    ``value`` is a regular expression that the beginning of its value fits.
    """
    head = strip_signature(data)[:OBJECT_HEAD]
    name = key.encode()
    if b'"%b"' % name not in head or not head.lstrip().startswith(b"{"):
        return False
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(head):
        if token[1] is None:
            depth += 1 if token[0] in b"{[" else -1
            if not depth:
                break
        elif depth == 1 and token[1] == name and (colon := _COLON.match(head, token.end())):
            return re.compile(value).match(head, colon.end()) is not None
    return False


def parse_json(document: Document) -> Any:
    """The JSON value at the beginning of a document; FormatError with the place if it has none."""
    text = strip_signature(document.data)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        # Data after the value is ignored, and what only Python reads spoils one value.
        value, end = first_value(text)
        if end:
            with suppress(orjson.JSONDecodeError):
                return orjson.loads(text[:end])
            return _marked(value)
        if len(shallow := _without_depths(text)) < len(text):
            return parse_json(document._replace(data=shallow))
        place = f"{document.location}: line {exc.lineno}, column {exc.colno}"
        hint = "it may be cut off: fetch it again"
        raise FormatError(f"{place}: not JSON: {exc.msg}", hint) from exc


def _without_depths(text: bytes) -> bytes:
    """The text, with null for each value that is nested more deeply than JSON is read.

    What is left is still so deep that whatever reads it as a spec finds it too deep.
    """
    kept: list[bytes] = []
    depth = end = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[1] is not None:
            continue
        if token[0] in b"{[":
            depth += 1
            if depth == _DEEPEST:
                kept.append(text[end : token.start()])
        else:
            if depth == _DEEPEST:
                kept.append(b"null")
                end = token.end()
            depth -= 1
    return b"".join((*kept, text[end:])) if depth == 0 else text


def first_value(text: bytes) -> tuple[Any, int]:
    """The first JSON value of a text as Spack reads it, and where it ends; 0 if there is none."""
    import json

    try:
        decoded = text.decode(errors="surrogateescape")
        start = len(decoded) - len(decoded.lstrip())
        decoder = json.JSONDecoder(parse_constant=_NotJson)
        value, end = decoder.raw_decode(decoded, start)
        return value, len(decoded[:end].encode(errors="surrogateescape"))
    except (ValueError, RecursionError):
        return None, 0


class _NotJson:
    """What stands for a value that Python reads and JSON has not: NaN, or text that is no UTF-8."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _marked(value: Any) -> Any:
    """The value, with a ``_NotJson`` in the place of each text that is no UTF-8."""
    around: list[Any] = [value]
    containers: list[Any] = [around]
    while containers:
        container = containers.pop()
        if isinstance(container, dict):
            items = [*container.items()]
            container.clear()
            container.update((utf8_text(key), _marked_text(item)) for key, item in items)
        else:
            container[:] = map(_marked_text, container)
        inside = container.values() if isinstance(container, dict) else container
        containers += [one for one in inside if isinstance(one, dict | list)]
    return around[0]


def _marked_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = utf8_text(value)
    return value if text == value else _NotJson(text)


def parse_leniently(text: bytes) -> Any:
    """The value of a text that is JSON to Python; ValueError if it is none."""
    value, end = first_value(text)
    if not end or text[end:].strip():
        raise ValueError
    return _marked(value)


def read_entries(text: bytes, key: str, take: Callable[[str, Any], object]) -> Any:
    """Gives each entry of the first object that has a key in a JSON text to ``take``.

    Returns the JSON value around the entries, in which that object is empty; None if there is no
    such object, or the text is not JSON. Only what ``take`` keeps is in memory.
    """
    import json

    decoded = text.decode(errors="surrogateescape")
    opening = re.search(rf'"{key}"\s*:\s*\{{', decoded)
    if opening is None:
        return None
    decoder = json.JSONDecoder(parse_constant=_NotJson)
    at = opening.end()
    try:
        entry = _KEY(decoded, at)
        while entry:
            value, at = decoder.raw_decode(decoded, entry.end())
            take(utf8_text(json.loads(entry[1])), _marked(value))
            entry = _NEXT_KEY(decoded, at)
        return decoder.raw_decode((decoded[: opening.end()] + decoded[at:]).lstrip())[0]
    except (ValueError, RecursionError):
        return None
