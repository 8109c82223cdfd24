"""What the methods of all questions share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from cachegraph.model.graph import SpecGraph

if TYPE_CHECKING:
    from cachegraph.questions import Question

Answer = TypeVar("Answer")

Names = str | Sequence[str] | None
"""Names of stacks or releases, or patterns; one name, several, or none."""


class GraphMethods:
    """Methods that ask a graph."""

    @property
    def store(self) -> SpecGraph:
        """The graph that answers."""
        raise NotImplementedError

    def ask(self, question: "Question[Any, Answer]") -> Answer:
        """The answer of a question of ``cachegraph.questions``; each has a method of its own."""
        from cachegraph.questions import answer

        return answer(question, self.store)


def listed(*several: Names) -> list[str]:
    """All names, in their order."""
    return [
        name for names in several for name in ([names] if isinstance(names, str) else names or ())
    ]
