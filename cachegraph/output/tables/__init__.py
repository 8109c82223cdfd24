"""Answers as tables: what of an answer is shown, in which columns. A module for a few questions."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

_MODULES = {
    "import": "storing",
    "load": "storing",
    "query": "storing",
    "stats": "listing",
    "releases": "listing",
    "stacks": "listing",
    "overlap": "membership",
    "matrix": "membership",
    "shared": "membership",
    "unique": "membership",
    "duplicates": "membership",
    "show": "cards",
    "find": "finding",
    "verify": "proof",
    "why": "causes",
    "blame": "causes",
    "what-if": "causes",
    "diff": "causes",
    "deps": "reach",
    "dependents": "reach",
    "affected": "reach",
    "coverage": "spread",
    "history": "spread",
    "want": "wanted",
}


class Table(NamedTuple):
    """One section of an answer."""

    section: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""


def tables(answer: Mapping[str, Any]) -> list[Table]:
    """The sections of an answer, the most general first."""
    question = answer["question"]
    module = import_module(f"{__name__}.{_MODULES[question]}")
    return [*getattr(module, f"{question.replace('-', '_')}_tables")(answer)]
