"""The gate for all text that reaches a terminal: what a terminal would obey is spelled out."""

import re

# Characters that JSON may hold as they are, and that a terminal obeys or shows in another order,
# and halves of surrogate pairs, which no file can hold. It is compiled when first needed.
_OBEYED = "[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"


def printable(text: str) -> str:
    """The text with control characters and bidirectional marks spelled out; line ends stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def printable_json(text: str) -> str:
    """The same JSON, with characters that a terminal would obey as escapes of JSON."""
    if text.isascii() and "\x7f" not in text:
        return text
    return re.sub(_OBEYED, lambda match: f"\\u{ord(match[0]):04x}", text)
