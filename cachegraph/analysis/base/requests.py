"""What the environments of stacks request, and which builds do not fit that."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.base.builds import Build
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.errors import UsageError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import ROOT_OF
from cachegraph.syntax import parse

if TYPE_CHECKING:
    from cachegraph.syntax import Pattern

Properties = Callable[[Build], Mapping[str, Any]]


class Requests:
    """The abstract specs that the environment of a stack asks for, by root."""

    def __init__(
        self,
        graph: SpecGraph,
        stack: StackSelection,
        stands_for: Mapping[Build, Build],
        properties: Properties,
    ) -> None:
        self._properties = properties
        self._texts: defaultdict[Build, list[str]] = defaultdict(list)
        if stack.node is not None:
            for (requests, _), roots in graph.starts_by_properties(ROOT_OF, stack.node):
                for root in stack.roots & roots & stack.specs:
                    self._texts[stands_for.get(root, root)] += requests or ()

    def against(self, roots: AbstractSet[Build], build: Build, offered: Build) -> tuple[str, ...]:
        """The requests of roots that the build fits and the offered one does not."""
        own, other = self._properties(build), self._properties(offered)
        texts = sorted({text for root in roots for text in self._texts.get(root, ())})
        return tuple(
            text
            for text in texts
            if any(one.fits(own) and not one.fits(other) for one in _asked(text, own))
        )


def _asked(text: str, own: Mapping[str, Any]) -> Iterator["Pattern"]:
    """What a request asks of a package of that name: as the root, or as a dependency of it."""
    for pattern in _patterns(text):
        if pattern.name == own["package"]:
            yield pattern


@cache
def _patterns(text: str) -> Sequence["Pattern"]:
    """A request, and what it asks of dependencies; none if it is not in Spack's syntax."""
    try:
        pattern = parse(text)
    except UsageError:
        return ()
    return pattern, *(needs.pattern for needs in (*pattern.dependencies, *pattern.direct))
