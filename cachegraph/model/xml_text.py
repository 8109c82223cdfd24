"""Text that XML cannot hold, as GraphML has it: control characters, and two that are none."""

import re

_MARK = "\ufffd"
_UNWRITABLE = (*range(9), 11, 12, *range(14, 32), 0xFFFD, 0xFFFE, 0xFFFF)
# In place of a character the mark and its code; of the mark itself too, so that it comes back.
REPLACEMENTS = {code: f"{_MARK}{code:04x}" for code in _UNWRITABLE}
_CHARACTERS = {text: chr(code) for code, text in REPLACEMENTS.items()}
_replaced = re.compile(f"{_MARK}[0-9a-f]{{4}}")


def restore(text: str) -> str:
    """The text in which characters were replaced by ``REPLACEMENTS``."""
    if _MARK not in text:
        return text
    return _replaced.sub(lambda match: _CHARACTERS.get(match[0], match[0]), text)
