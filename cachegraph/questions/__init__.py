"""The questions: each a frozen value that returns its answer, from any graph.

An answer is the document that ``--json`` prints: plain dictionaries and lists, typed.
"""

from typing import Protocol, TypeVar

from cachegraph.model.graph import CypherGraph, SpecGraph

Answer_co = TypeVar("Answer_co", covariant=True)


class Question(Protocol[Answer_co]):
    """A question that a walk answers, and in Cypher the file of its name."""

    def walk(self, graph: SpecGraph) -> Answer_co:
        """The answer from a graph, word by word."""

    def ask(self, graph: CypherGraph) -> Answer_co:
        """The same answer from the rows of the file."""


def answer(question: Question[Answer_co], graph: SpecGraph) -> Answer_co:
    """The answer of a question, in the way that suits the graph."""
    return question.ask(graph) if isinstance(graph, CypherGraph) else question.walk(graph)
