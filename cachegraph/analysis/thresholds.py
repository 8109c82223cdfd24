"""Bounds of the counts of an answer, as in ``new-duplicates>0``."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cachegraph.errors import UsageError

_threshold = re.compile(r"\s*([\w-]+)\s*(>=?)\s*([0-9]{1,18})\s*").fullmatch


class Threshold(NamedTuple):
    """A bound of a count: the count is too high above it, or from it on."""

    text: str
    key: str
    is_inclusive: bool
    bound: int

    def is_passed(self, answer: Mapping[str, Any]) -> bool:
        """Whether the count of an answer is too high; one that is unknown is not."""
        value = answer.get(self.key, 0)
        return bool(value >= self.bound if self.is_inclusive else value > self.bound)


def parse_threshold(text: str, counts: Mapping[str, str]) -> Threshold:
    """The threshold that a text spells, of the ``counts`` by name; UsageError if it spells none."""
    found = _threshold(text)
    if found is None or found[1] not in counts:
        example = "such as 'new-duplicates>0'"
        names = ", ".join(counts)
        raise UsageError(f"{text}: not a threshold, {example}", f"the counts are {names}")
    return Threshold(text.strip(), counts[found[1]], found[2] == ">=", int(found[3]))
