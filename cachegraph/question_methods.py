"""The questions that a graph answers, a method for each command.

A question is imported when it is asked: the cold start is a feature.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cachegraph.model.graph import SpecGraph
from cachegraph.questions import answer

if TYPE_CHECKING:
    from typing import Unpack

    from cachegraph.questions.answers import (
        MatrixAnswer,
        OverlapAnswer,
        ReleasesAnswer,
        ShowAnswer,
        StacksAnswer,
        StatsAnswer,
        VerifyAnswer,
    )
    from cachegraph.questions.answers.causes import BlameAnswer, DiffAnswer, WhatIfAnswer, WhyAnswer
    from cachegraph.questions.answers.finding import FindAnswer
    from cachegraph.questions.answers.membership import (
        DuplicatesAnswer,
        SharedAnswer,
        UniqueAnswer,
    )
    from cachegraph.questions.answers.reach import AffectedAnswer, HowFar, ReachAnswer
    from cachegraph.questions.answers.spread import CoverageAnswer, HistoryAnswer
    from cachegraph.questions.answers.wanted import WantAnswer


class QuestionMethods:
    """What answers questions from a store. Answers are what the commands print as JSON."""

    @property
    def store(self) -> SpecGraph:
        """The graph to ask."""
        raise NotImplementedError

    def overlap(
        self, *stacks: str, release: str | None = None, ignore_runtime: bool = False
    ) -> "OverlapAnswer":
        """What two or more stacks share, at every level, and what keeps the rest apart."""
        from cachegraph.questions.overlap import Overlap

        return answer(Overlap(stacks, release, ignore_runtime), self.store)

    def matrix(
        self,
        *stacks: str,
        release: str | None = None,
        level: str = "hash",
        ignore_runtime: bool = False,
    ) -> "MatrixAnswer":
        """What every pair of stacks shares; of all but the root when none is named."""
        from cachegraph.questions.matrix import Matrix

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
        from cachegraph.questions.shared import Shared

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
        from cachegraph.questions.unique import Unique

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
        from cachegraph.questions.duplicates import Duplicates

        return answer(Duplicates(stacks, within, release, ignore_runtime), self.store)

    def show(self, spec: str) -> "ShowAnswer":
        """All that is known of a spec, by ``/HASH``, of a package by name, or of specs that fit."""
        from cachegraph.questions.show import Show

        return answer(Show(spec), self.store)

    def find(self, spec: str, *stacks: str, release: str | None = None) -> "FindAnswer":
        """The specs that fit a spec in Spack's syntax; of some stacks, a release, or all."""
        from cachegraph.questions.find import Find

        return answer(Find(spec, stacks, release), self.store)

    def verify(self) -> "VerifyAnswer":
        """Whether the DAG hashes are what the sources' bytes give, and what does not fit."""
        from cachegraph.questions.verify import Verify

        return answer(Verify(), self.store)

    def stats(self) -> "StatsAnswer":
        """How many nodes of each label and relationships of each type there are."""
        from cachegraph.questions.listing import Stats

        return answer(Stats(), self.store)

    def releases(self) -> "ReleasesAnswer":
        """The releases, with the number of their stacks and specs."""
        from cachegraph.questions.listing import Releases

        return answer(Releases(), self.store)

    def stacks(self, release: str | None = None) -> "StacksAnswer":
        """The stacks of one release or of all, with the number of their specs and roots."""
        from cachegraph.questions.listing import Stacks

        return answer(Stacks(release), self.store)

    def why(self, left: str, right: str) -> "WhyAnswer":
        """The root causes for which two specs, by prefixes of their hashes, are not one."""
        from cachegraph.questions.why import Why

        return answer(Why(left, right), self.store)

    def blame(
        self, *stacks: str, release: str | None = None, ignore_runtime: bool = False
    ) -> "BlameAnswer":
        """The root causes of the near-duplicates in stacks, the most costly first."""
        from cachegraph.questions.blame import Blame

        return answer(Blame(stacks, release, ignore_runtime), self.store)

    def what_if(
        self,
        *pins: str,
        stacks: Sequence[str] = (),
        release: str | None = None,
        best: int = 0,
        ignore_runtime: bool = False,
    ) -> "WhatIfAnswer":
        """How many builds pins would save at most; with ``best`` so many good ones are found."""
        from cachegraph.questions.whatif import WhatIf

        return answer(WhatIf(pins, stacks, release, best, ignore_runtime), self.store)

    def diff(
        self,
        left: str,
        right: str,
        *,
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "DiffAnswer":
        """What two stacks, or two releases, do not have in common, and why specs were rebuilt."""
        from cachegraph.questions.diff import Diff

        return answer(Diff(left, right, release, ignore_runtime), self.store)

    def deps(self, spec: str, **how: "Unpack[HowFar]") -> "ReachAnswer":
        """What the specs that fit a spec depend on."""
        from cachegraph.questions.dependencies import Deps

        return answer(Deps(spec, **how), self.store)

    def dependents(self, spec: str, **how: "Unpack[HowFar]") -> "ReachAnswer":
        """What depends on the specs that fit a spec."""
        from cachegraph.questions.dependencies import Dependents

        return answer(Dependents(spec, **how), self.store)

    def affected(self, spec: str, *, deptypes: Sequence[str] = ()) -> "AffectedAnswer":
        """All that depends on the specs that fit a spec, and the stacks and roots it reaches."""
        from cachegraph.questions.affected import Affected

        return answer(Affected(spec, deptypes), self.store)

    def coverage(
        self,
        *packages: str,
        by: str = "target",
        stacks: Sequence[str] = (),
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "CoverageAnswer":
        """How many specs of packages stacks hold by target, os, compiler, platform or stack."""
        from cachegraph.questions.coverage import Coverage

        return answer(Coverage(packages, by, stacks, release, ignore_runtime), self.store)

    def history(self, package: str) -> "HistoryAnswer":
        """The versions and hashes of a package in each release, and which stacks vanished."""
        from cachegraph.questions.history import History

        return answer(History(package), self.store)

    def want(
        self,
        spec: str,
        *,
        on: str | None = None,
        stacks: Sequence[str] = (),
        release: str | None = None,
        limit: int = 10,
    ) -> "WantAnswer":
        """The binaries nearest to a spec in Spack's syntax, on ``platform-os-target``."""
        from cachegraph.questions.want import Want

        return answer(Want(spec, on, stacks, release, limit), self.store)
