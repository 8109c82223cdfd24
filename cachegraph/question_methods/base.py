"""What the methods of all questions share."""

from collections.abc import Sequence

from cachegraph.model.graph import SpecGraph

Names = str | Sequence[str] | None
"""Names of stacks or releases, or patterns; one name, several, or none."""


class GraphMethods:
    """Methods that ask a graph."""

    @property
    def store(self) -> SpecGraph:
        """The graph that answers."""
        raise NotImplementedError


def listed(*several: Names) -> list[str]:
    """All names, in their order."""
    return [
        name for names in several for name in ([names] if isinstance(names, str) else names or ())
    ]
