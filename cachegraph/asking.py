"""The questions that a graph answers, a method for each command.

A question is imported when it is asked: the cold start is a feature.
"""

from typing import TYPE_CHECKING

from cachegraph.graph import SpecGraph
from cachegraph.queries import answer

if TYPE_CHECKING:
    from cachegraph.queries.answers import (
        MatrixAnswer,
        OverlapAnswer,
        ReleasesAnswer,
        ShowAnswer,
        StacksAnswer,
        StatsAnswer,
        VerifyAnswer,
    )
    from cachegraph.queries.answers.membership import (
        DuplicatesAnswer,
        SharedAnswer,
        UniqueAnswer,
    )


class Asking:
    """What answers questions from a store. Answers are what the commands print as JSON."""

    @property
    def store(self) -> SpecGraph:
        """The graph to ask."""
        raise NotImplementedError

    def overlap(
        self, *stacks: str, release: str | None = None, ignore_runtime: bool = False
    ) -> "OverlapAnswer":
        """What two or more stacks share, at every level, and what keeps the rest apart."""
        from cachegraph.queries.overlap import Overlap

        return answer(Overlap(stacks, release, ignore_runtime), self.store)

    def matrix(
        self,
        *stacks: str,
        release: str | None = None,
        level: str = "hash",
        ignore_runtime: bool = False,
    ) -> "MatrixAnswer":
        """What every pair of stacks shares; of all but the root when none is named."""
        from cachegraph.queries.matrix import Matrix

        return answer(Matrix(stacks, release, level, ignore_runtime), self.store)

    def shared(
        self,
        *stacks: str,
        at_least: int = 2,
        level: str = "hash",
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "SharedAnswer":
        """What so many of the stacks hold, or more; of all but the root when none is named."""
        from cachegraph.queries.shared import Shared

        return answer(Shared(stacks, at_least, level, release, ignore_runtime), self.store)

    def unique(
        self,
        stack: str,
        *,
        level: str = "hash",
        release: str | None = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "UniqueAnswer":
        """What only this stack of its release holds, or of all, and what would be lost with it."""
        from cachegraph.queries.unique import Unique

        return answer(Unique(stack, level, release, all_releases, ignore_runtime), self.store)

    def duplicates(
        self,
        *stacks: str,
        within: bool = False,
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "DuplicatesAnswer":
        """The groups of specs that look the same, in the stacks; in all but the root by default.

        With ``within`` those of which one stack by itself has several hashes.
        """
        from cachegraph.queries.duplicates import Duplicates

        return answer(Duplicates(stacks, within, release, ignore_runtime), self.store)

    def show(self, spec: str) -> "ShowAnswer":
        """All that is known of a spec, by ``/HASH`` or a prefix of it, or of a package, by name."""
        from cachegraph.queries.show import Show

        return answer(Show(spec), self.store)

    def verify(self) -> "VerifyAnswer":
        """Whether the DAG hashes are what the sources' bytes give, and what does not fit."""
        from cachegraph.queries.verify import Verify

        return answer(Verify(), self.store)

    def stats(self) -> "StatsAnswer":
        """How many nodes of each label and relationships of each type there are."""
        from cachegraph.queries.listing import Stats

        return answer(Stats(), self.store)

    def releases(self) -> "ReleasesAnswer":
        """The releases, with the number of their stacks and specs."""
        from cachegraph.queries.listing import Releases

        return answer(Releases(), self.store)

    def stacks(self, release: str | None = None) -> "StacksAnswer":
        """The stacks of one release or of all, with the number of their specs and roots."""
        from cachegraph.queries.listing import Stacks

        return answer(Stacks(release), self.store)
