"""Labels: texts as a picture shows them, each short and unlike the others."""

from collections import Counter
from collections.abc import Iterable

from cachegraph.output.printable import printable

_LONGEST = 56
# Widths of letters of the font at 11 pixels, about; others are as wide as most small letters.
_NARROW, _WIDE = frozenset(" !'(),./:;I[]fijlrt|\\"), frozenset("%@MWmw")
_WIDTHS = 3.8, 6.5, 9.6
_WIDE_SCRIPTS = "\u2e80"  # from here on come Chinese, Japanese, Korean, and emoji


def labels(texts: Iterable[str]) -> list[str]:
    """The texts as labels, in their order: long ones without their middle, like ones numbered."""
    cut = [*map(_without_middle, texts)]
    counts = Counter(cut)
    return [f"{text} ({place})" if counts[text] > 1 else text for place, text in enumerate(cut, 1)]


def _without_middle(text: str) -> str:
    shown = printable(text)
    half = _LONGEST // 2
    return shown if len(shown) <= _LONGEST else f"{shown[:half]}\u2026{shown[-half + 1 :]}"


def width(label: str) -> float:
    """How wide a label is, in pixels, rather too much than too little."""
    narrow, usual, wide = _WIDTHS
    return sum(
        narrow if c in _NARROW else wide if c in _WIDE or c >= _WIDE_SCRIPTS else usual
        for c in label
    )
