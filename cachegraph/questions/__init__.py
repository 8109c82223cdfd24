"""The questions that a graph answers: each a frozen value, in a module of its own.

An answer is the document that ``--json`` prints: plain dictionaries and lists, typed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, dataclass_transform

from cachegraph.model.graph import CypherGraph, SpecGraph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cachegraph.output.tables import Table

Selection = TypeVar("Selection")
Answer = TypeVar("Answer")


class Entry(NamedTuple):
    """Where a question is: the group of its command, its module, and its class."""

    group: str
    module: str
    class_name: str


QUESTIONS = {
    "stats": Entry("look", "stats", "Stats"),
    "releases": Entry("look", "releases", "Releases"),
    "stacks": Entry("look", "stacks", "Stacks"),
    "show": Entry("look", "show", "Show"),
    "history": Entry("look", "history", "History"),
    "coverage": Entry("look", "coverage", "Coverage"),
    "overlap": Entry("compare", "overlap", "Overlap"),
    "matrix": Entry("compare", "matrix", "Matrix"),
    "shared": Entry("compare", "shared", "Shared"),
    "unique": Entry("compare", "unique", "Unique"),
    "diff": Entry("compare", "diff", "Diff"),
    "duplicates": Entry("explain", "duplicates", "Duplicates"),
    "why": Entry("explain", "why", "Why"),
    "blame": Entry("explain", "blame", "Blame"),
    "find": Entry("find", "find", "Find"),
    "want": Entry("find", "want", "Want"),
    "deps": Entry("find", "dependencies", "Deps"),
    "dependents": Entry("find", "dependencies", "Dependents"),
    "affected": Entry("find", "affected", "Affected"),
    "what-if": Entry("plan", "whatif", "WhatIf"),
    "verify": Entry("store", "verify", "Verify"),
}
"""Every question by the name of its command, which with ``_`` for ``-`` is its method's name."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Question(Generic[Selection, Answer]):
    """A question: its annotated fields are the parameters, given by name.

    The docstring of a question is the help of its command, and ``Examples:`` in it are run by the
    tests. The real ``dataclass`` would take a thirtieth of the time of a cold start.
    """

    def __init__(self, **parameters: Any) -> None:
        known = fields(type(self))
        if unknown := sorted(parameters.keys() - known):
            raise TypeError(f"{type(self).__name__} has no parameter {', '.join(unknown)}")
        required = {name for name in known if not hasattr(type(self), name)}
        if missing := sorted(required - parameters.keys()):
            raise TypeError(f"{type(self).__name__} needs the parameter {', '.join(missing)}")
        self.__dict__.update(parameters)

    def select(self, graph: SpecGraph) -> Selection:
        """What the parameters name in a graph: stacks, specs; NotFoundError and UsageError."""
        raise NotImplementedError

    def walk(self, graph: SpecGraph, selection: Selection) -> Answer:
        """The answer of any graph, by the words of ``SpecGraph``."""
        raise NotImplementedError

    def cypher(self, graph: CypherGraph, selection: Selection) -> Answer:
        """The same answer, by one statement of the folder ``cypher``."""
        raise NotImplementedError

    def fits_cypher(self, selection: Selection) -> bool:  # for those that differ
        """Whether the statement can answer; where it cannot, ``walk`` answers from Neo4j too."""
        return True

    exit_code = ""
    """The help of ``--exit-code``; a question without any has no such option."""

    def found(self, answer: Answer) -> bool:
        """Whether ``--exit-code`` makes the command exit with 1."""
        raise NotImplementedError

    def tables(self, answer: Answer) -> "Iterator[Table]":
        """The sections of the answer as tables, the most general first."""
        raise NotImplementedError


def fields(question: type[Question[Any, Any]]) -> dict[str, Any]:
    """The parameters of a question with their annotations, those of its bases first."""
    found: dict[str, Any] = {}
    for base in reversed(question.__mro__):
        if base is not Question and issubclass(base, Question):
            found |= base.__annotations__
    return found


def question_class(name: str) -> type[Question[Any, Any]]:
    """The class of the question of that name, whose module is imported."""
    entry = QUESTIONS[name]
    made: type[Question[Any, Any]] = getattr(
        import_module(f"{__name__}.{entry.module}"), entry.class_name
    )
    return made


def answer(question: Question[Any, Answer], graph: SpecGraph) -> Answer:
    """The answer of a question: by its Cypher statement where the graph and it can, else a walk."""
    selection = question.select(graph)
    if isinstance(graph, CypherGraph) and question.fits_cypher(selection):
        return question.cypher(graph, selection)
    return question.walk(graph, selection)
