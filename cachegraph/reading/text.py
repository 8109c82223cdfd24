"""Makes UTF-8 of the text of a document, without what shells and Spack put before it."""

import codecs
import re
from io import BytesIO

from cachegraph.errors import FormatError

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_PART = 1 << 20
_MESSAGE = re.compile(rb"\s*==> ")
_JSON = re.compile(rb'^(?=\{\s*"|\{\s*\}|\[\s*[\[{\]])', re.MULTILINE)
_LINE = re.compile(rb"[^\n]+")


def plain_text(location: str, data: bytes) -> bytes:
    """The text in UTF-8, without a byte order mark and without messages of Spack before JSON.

    PowerShell writes what a command prints as UTF-16, and ``2>&1`` puts warnings before it; the
    lines of messages become empty, so that all others keep their numbers. FormatError if it
    begins as UTF-16 but is not.
    """
    try:
        return _without_messages(_as_utf_8(data, "strict"))
    except UnicodeError as exc:
        message = f"{location}: damaged UTF-16 text: {exc.reason}"  # type: ignore[attr-defined]
        raise FormatError(message, "write it again, as UTF-8") from exc


def is_plain(head: bytes) -> bool:
    """Whether a text that begins so is UTF-8, with nothing before its JSON."""
    return head.lstrip()[:1] == b"{"


def beginning_of_text(data: bytes) -> bytes:
    """The same of the beginning of a document, which may be cut off anywhere."""
    return _without_messages(_as_utf_8(data, "ignore"))


def _as_utf_8(data: bytes, errors: str) -> bytes:
    encoding = _UTF_16.get(data[:2])
    if encoding:
        # Piece by piece: a text takes up to four bytes for each character.
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        text = BytesIO()
        for start in range(2, len(data) + 1, _PART):
            piece = data[start : start + _PART]
            is_last = errors == "strict" and start + _PART > len(data)
            text.write(decoder.decode(piece, is_last).encode(errors=errors))
        return text.getvalue()
    return data.removeprefix(codecs.BOM_UTF8)


def _without_messages(text: bytes) -> bytes:
    if not _MESSAGE.match(text) or not (json := _JSON.search(text)):
        return text
    return _LINE.sub(b"", text[: json.start()]) + text[json.start() :]
