"""The questions as methods: one for each, with its parameters.

The module of a question is imported when it is asked: the cold start is a feature.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cachegraph.model.graph import SpecGraph
from cachegraph.questions import answer

if TYPE_CHECKING:
    from cachegraph.questions.affected import AffectedAnswer
    from cachegraph.questions.blame import BlameAnswer
    from cachegraph.questions.coverage import CoverageAnswer
    from cachegraph.questions.dependencies import DependenciesAnswer
    from cachegraph.questions.diff import DiffAnswer
    from cachegraph.questions.duplicates import DuplicatesAnswer
    from cachegraph.questions.find import FindAnswer
    from cachegraph.questions.history import HistoryAnswer
    from cachegraph.questions.matrix import MatrixAnswer
    from cachegraph.questions.overlap import OverlapAnswer
    from cachegraph.questions.releases import ReleasesAnswer
    from cachegraph.questions.shared import SharedAnswer
    from cachegraph.questions.show import ShowAnswer
    from cachegraph.questions.stacks import StacksAnswer
    from cachegraph.questions.stats import StatsAnswer
    from cachegraph.questions.unique import UniqueAnswer
    from cachegraph.questions.verify import VerifyAnswer
    from cachegraph.questions.want import WantAnswer
    from cachegraph.questions.whatif import WhatIfAnswer
    from cachegraph.questions.why import WhyAnswer


class QuestionMethods:
    """A method for each question; answers are the documents that the commands print as JSON."""

    @property
    def store(self) -> SpecGraph:
        """The graph that answers."""
        raise NotImplementedError

    def stats(self) -> "StatsAnswer":
        """How many nodes of each label and relationships of each type there are."""
        from cachegraph.questions.stats import Stats

        return answer(Stats(), self.store)

    def releases(self) -> "ReleasesAnswer":
        """The releases, with the number of their stacks and specs."""
        from cachegraph.questions.releases import Releases

        return answer(Releases(), self.store)

    def stacks(self, release: str | None = None, *, specs: bool = False) -> "StacksAnswer":
        """The stacks of one release or of all, with their numbers of specs and roots, or all specs.

        Each has the bytes of its archives, as far as a build cache gives them.
        """
        from cachegraph.questions.stacks import Stacks

        return answer(Stacks(release=release, specs=specs), self.store)

    def show(self, spec: str) -> "ShowAnswer":
        """All properties of a spec, by ``/HASH``, of a package's specs, or of specs that fit."""
        from cachegraph.questions.show import Show

        return answer(Show(spec=spec), self.store)

    def history(self, package: str) -> "HistoryAnswer":
        """The versions and hashes of a package in each release, and which stacks vanished."""
        from cachegraph.questions.history import History

        return answer(History(package=package), self.store)

    def coverage(
        self,
        *packages: str,
        by: str = "target",
        stacks: Sequence[str] = (),
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "CoverageAnswer":
        """Counts of each package's specs by target, os, compiler, platform or stack."""
        from cachegraph.questions.coverage import Coverage

        question = Coverage(
            packages=packages, by=by, stacks=stacks, release=release, ignore_runtime=ignore_runtime
        )
        return answer(question, self.store)

    def overlap(
        self, *stacks: str, release: str | None = None, ignore_runtime: bool = False
    ) -> "OverlapAnswer":
        """What two or more stacks share at each level, and which attributes keep the rest apart."""
        from cachegraph.questions.overlap import Overlap

        question = Overlap(stacks=stacks, release=release, ignore_runtime=ignore_runtime)
        return answer(question, self.store)

    def matrix(
        self,
        *stacks: str,
        release: str | None = None,
        level: str = "hash",
        ignore_runtime: bool = False,
    ) -> "MatrixAnswer":
        """What every pair of stacks shares; without names, of all stacks but root."""
        from cachegraph.questions.matrix import Matrix

        question = Matrix(
            stacks=stacks, release=release, level=level, ignore_runtime=ignore_runtime
        )
        return answer(question, self.store)

    def shared(
        self,
        *stacks: str,
        at_least: int = 2,
        level: str = "hash",
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "SharedAnswer":
        """The specs that at least so many stacks hold; without names, of all stacks but root."""
        from cachegraph.questions.shared import Shared

        question = Shared(
            stacks=stacks,
            at_least=at_least,
            level=level,
            release=release,
            ignore_runtime=ignore_runtime,
        )
        return answer(question, self.store)

    def unique(
        self,
        stack: str,
        *,
        level: str = "hash",
        release: str | None = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "UniqueAnswer":
        """What one stack holds and no other of its release, or of any; the roots that need it."""
        from cachegraph.questions.unique import Unique

        question = Unique(
            stack=stack,
            level=level,
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return answer(question, self.store)

    def diff(
        self, left: str, right: str, *, release: str | None = None, ignore_runtime: bool = False
    ) -> "DiffAnswer":
        """How two stacks or two releases differ: rebuilt and why, changed, added and removed."""
        from cachegraph.questions.diff import Diff

        question = Diff(left=left, right=right, release=release, ignore_runtime=ignore_runtime)
        return answer(question, self.store)

    def duplicates(
        self,
        *stacks: str,
        within: bool = False,
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "DuplicatesAnswer":
        """The near-duplicates in stacks; without names, in all stacks but root.

        With ``within`` those groups that have two or more specs in one stack.
        """
        from cachegraph.questions.duplicates import Duplicates

        question = Duplicates(
            stacks=stacks, within=within, release=release, ignore_runtime=ignore_runtime
        )
        return answer(question, self.store)

    def why(self, left: str, right: str) -> "WhyAnswer":
        """The root causes that make the hashes of two specs differ; specs by hash prefix."""
        from cachegraph.questions.why import Why

        return answer(Why(left=left, right=right), self.store)

    def blame(
        self, *stacks: str, release: str | None = None, ignore_runtime: bool = False
    ) -> "BlameAnswer":
        """The root causes of the near-duplicates in stacks, the most costly first."""
        from cachegraph.questions.blame import Blame

        question = Blame(stacks=stacks, release=release, ignore_runtime=ignore_runtime)
        return answer(question, self.store)

    def what_if(
        self,
        *pins: str,
        stacks: Sequence[str] = (),
        release: str | None = None,
        best: int = 0,
        ignore_runtime: bool = False,
    ) -> "WhatIfAnswer":
        """How many builds pins would save at most; ``best`` more pins are looked for."""
        from cachegraph.questions.whatif import WhatIf

        question = WhatIf(
            pins=pins, stacks=stacks, release=release, best=best, ignore_runtime=ignore_runtime
        )
        return answer(question, self.store)

    def find(self, spec: str, *stacks: str, release: str | None = None) -> "FindAnswer":
        """The specs that fit a spec in Spack's syntax, in some stacks, a release, or anywhere."""
        from cachegraph.questions.find import Find

        return answer(Find(spec=spec, stacks=stacks, release=release), self.store)

    def want(
        self,
        spec: str,
        *,
        on: str | None = None,
        stacks: Sequence[str] = (),
        release: str | None = None,
        limit: int = 10,
    ) -> "WantAnswer":
        """The binaries nearest to a spec in Spack's syntax, to run on ``platform-os-target``."""
        from cachegraph.questions.want import Want

        question = Want(spec=spec, on=on, stacks=stacks, release=release, limit=limit)
        return answer(question, self.store)

    def deps(  # noqa: PLR0913  # one for each option
        self,
        spec: str,
        *,
        transitive: bool = False,
        deptypes: Sequence[str] = (),
        tree: bool = False,
        path: str | None = None,
        stacks: Sequence[str] = (),
        release: str | None = None,
    ) -> "DependenciesAnswer":
        """What the specs that fit a spec depend on: a list, a tree, or a path to another spec."""
        from cachegraph.questions.dependencies import Deps

        question = Deps(
            spec=spec,
            transitive=transitive,
            deptypes=deptypes,
            tree=tree,
            path=path,
            stacks=stacks,
            release=release,
        )
        return answer(question, self.store)

    def dependents(  # noqa: PLR0913  # one for each option
        self,
        spec: str,
        *,
        transitive: bool = False,
        deptypes: Sequence[str] = (),
        tree: bool = False,
        path: str | None = None,
        stacks: Sequence[str] = (),
        release: str | None = None,
    ) -> "DependenciesAnswer":
        """What depends on the specs that fit a spec: a list, a tree, or a path to them."""
        from cachegraph.questions.dependencies import Dependents

        question = Dependents(
            spec=spec,
            transitive=transitive,
            deptypes=deptypes,
            tree=tree,
            path=path,
            stacks=stacks,
            release=release,
        )
        return answer(question, self.store)

    def affected(self, spec: str, *, deptypes: Sequence[str] = ()) -> "AffectedAnswer":
        """What depends on the specs that fit a spec, with the stacks, roots and releases."""
        from cachegraph.questions.affected import Affected

        return answer(Affected(spec=spec, deptypes=deptypes), self.store)

    def verify(self) -> "VerifyAnswer":
        """Whether each source's bytes give the DAG hashes, and what contradicts or is missing."""
        from cachegraph.questions.verify import Verify

        return answer(Verify(), self.store)
