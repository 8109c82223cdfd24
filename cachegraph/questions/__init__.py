"""The questions that a graph answers: each a frozen value, in a module of its own.

An answer is the document that ``--json`` prints: plain dictionaries and lists, typed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, dataclass_transform

from cachegraph.answers import AnswerDict
from cachegraph.errors import StoreError
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.long_rows import make_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cachegraph.analysis.rows import Scope
    from cachegraph.answers.asked import Grid
    from cachegraph.output.tables import Table

Selection = TypeVar("Selection")
Answer = TypeVar("Answer")


UNEXPECTED: tuple[type[Exception], ...] = (LookupError, ValueError)
"""What a question may raise where a store that somebody has made fits no question."""
QUESTIONS = {
    "stats": ("look", "stats", "Stats"),
    "releases": ("look", "releases", "Releases"),
    "stacks": ("look", "stacks", "Stacks"),
    "show": ("look", "show", "Show"),
    "history": ("look", "history", "History"),
    "coverage": ("look", "coverage", "Coverage"),
    "overlap": ("compare", "overlap", "Overlap"),
    "matrix": ("compare", "matrix", "Matrix"),
    "shared": ("compare", "shared", "Shared"),
    "unique": ("compare", "unique", "Unique"),
    "diff": ("compare", "diff", "Diff"),
    "duplicates": ("explain", "duplicates", "Duplicates"),
    "why": ("explain", "why", "Why"),
    "blame": ("explain", "blame", "Blame"),
    "find": ("find", "find", "Find"),
    "want": ("find", "want", "Want"),
    "deps": ("find", "dependencies", "Deps"),
    "dependents": ("find", "dependencies", "Dependents"),
    "affected": ("find", "affected", "Affected"),
    "impact": ("plan", "impact", "Impact"),
    "what-if": ("plan", "whatif", "WhatIf"),
    "prune": ("plan", "prune", "Prune"),
    "base": ("plan", "base", "Base"),
    "verify": ("store", "verify", "Verify"),
}
"""Every question by the name of its command: the group of that, its module, and its class.

The method of the question has the same name, with ``_`` for ``-``.
"""


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

    def given(self) -> dict[str, Any]:
        """The parameters that were given."""
        known = fields(type(self))
        return {name: value for name, value in vars(self).items() if name in known}

    def select(self, graph: SpecGraph) -> Selection:
        """What the parameters name in a graph: stacks, specs; NotFoundError and UsageError."""
        raise NotImplementedError

    def walk(self, graph: SpecGraph, selection: Selection) -> Answer:
        """The answer from any graph, by the operations of ``SpecGraph``."""
        raise NotImplementedError

    def cypher(self, graph: CypherGraph, selection: Selection) -> Answer:
        """The same answer, by one statement; a question that has none is walked."""
        raise NotImplementedError

    def fits_cypher(self, selection: Selection) -> bool:  # for those that differ
        """Whether the statement can answer; where it cannot, ``walk`` answers from Neo4j too."""
        return type(self).cypher is not Question.cypher

    compares_with_others = False
    """Whether it compares what it names with stacks that it does not name."""

    sections: tuple[str, ...] = ()
    """The names of the tables, those of all answers."""
    main_section = ""
    """The table that ``--csv`` prints if there are several; without one the first."""

    exit_code = ""
    """The help of ``--exit-code``; a question without any has no such option."""
    found_in = ""
    """The key of what ``--exit-code`` looks for in the answer."""

    def found(self, answer: Any) -> bool:
        """Whether ``--exit-code`` makes the command exit with 1."""
        return bool(answer[self.found_in])

    def is_empty(self, answer: Any) -> bool:
        """Whether the answer is nothing, or a no."""
        return not self.found(answer)

    def scope(self, graph: SpecGraph, selection: Selection) -> "Scope":  # for those that differ
        """What the question was asked of: all specs, or some stacks."""
        from cachegraph.analysis.selection.scope import scope_of

        return scope_of(graph, None, named=False)

    def elsewhere(self, graph: SpecGraph, scope: "Scope") -> list[str]:  # for those that differ
        """The releases where the answer would not be empty, if it is."""
        return []

    def tables(self, answer: Answer) -> "Iterator[Table]":
        """The sections of the answer as tables, the most general first."""
        raise NotImplementedError

    def markdown(self, answer: Answer) -> str:  # for those that differ
        """What ``--markdown`` prints; empty for the tables."""
        return ""

    def text(self, answer: Answer) -> str | None:  # for those that differ
        """The text that is printed in place of tables, if such a text was asked for."""
        return None

    def grids(self, answer: Answer) -> "Mapping[str, Grid]":  # for those that differ
        """The sections that are a number for each row and column, by name."""
        return {}

    def row_keys(self, section: str) -> "Iterable[str]":
        """The keys that rows of a section may have, by the type of the answer, where it tells."""
        from cachegraph.answers.row_keys import keys_of_rows

        return keys_of_rows(self.walk.__annotations__["return"], section)


def fields(question: type[Question[Any, Any]]) -> dict[str, Any]:
    """The parameters of a question with their annotations, those of its bases first."""
    found: dict[str, Any] = {}
    for base in reversed(question.__mro__):
        if base is not Question and issubclass(base, Question):
            found |= base.__annotations__
    return found


def question_class(name: str) -> type[Question[Any, Any]]:
    """The class of the question of that name, whose module is imported."""
    _, module, class_name = QUESTIONS[name]
    found: type[Question[Any, Any]] = getattr(import_module(f"{__name__}.{module}"), class_name)
    return found


def answer(question: Question[Any, Answer], graph: SpecGraph, *, lazily: bool = False) -> Answer:
    """The answer of a question, with what it was asked of; if empty, also where there is one.

    ``lazily`` leaves the rows of very long answers to be made as they are gone through.
    """
    with graph.snapshot():
        selection = question.select(graph)
        found: Any = ask(question, graph, selection)
        scope = question.scope(graph, selection)
        is_empty = question.exit_code and question.is_empty(found)
        others = question.elsewhere(graph, scope) if is_empty else []
        if not lazily:
            make_rows(found)
    if others:
        where = f"nothing {scope['text']}, but something in {', '.join(others)}"
        note = f"{where}: ask there with --release, or --all-releases"
        found.setdefault("notes", []).append(note)
        scope["elsewhere"] = others
    found["scope"] = scope
    answered: Any = AnswerDict(found, question)
    return answered  # type: ignore[no-any-return]  # a dictionary with the keys of the type


def ask(question: Question[Selection, Answer], graph: SpecGraph, selection: Selection) -> Answer:
    """What a question comes to: by its Cypher statement where the graph and it can, else a walk."""
    try:
        if isinstance(graph, CypherGraph) and question.fits_cypher(selection):
            return question.cypher(graph, selection)
        return question.walk(graph, selection)
    except UNEXPECTED as exc:
        what = f"what the store holds contradicts itself ({type(exc).__name__}: {exc})"
        hint = "check it: cachegraph verify; if that finds nothing, please report it"
        raise StoreError(what, hint) from exc
