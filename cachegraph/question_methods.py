"""The questions as methods: one for each, with its parameters."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cachegraph.model.graph import SpecGraph
from cachegraph.questions import Answer, Question, answer, question_class

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

    def _ask(self, name: str, method: Mapping[str, Any]) -> Answer:  # type: ignore[type-var]  # as each method says
        """The answer of the question of that name; ``method`` has the variables of a method."""
        parameters = {field: value for field, value in method.items() if field != "self"}
        question: Question[Any, Answer] = question_class(name)(**parameters)
        return answer(question, self.store)

    def stats(self) -> "StatsAnswer":
        """How many nodes of each label and relationships of each type there are."""
        return self._ask("stats", locals())

    def releases(self) -> "ReleasesAnswer":
        """The releases, with the number of their stacks and specs."""
        return self._ask("releases", locals())

    def stacks(self, release: str | None = None) -> "StacksAnswer":
        """The stacks of one release or of all, with the number of their specs and roots."""
        return self._ask("stacks", locals())

    def show(self, spec: str) -> "ShowAnswer":
        """All properties of a spec, by ``/HASH``, of a package's specs, or of specs that fit."""
        return self._ask("show", locals())

    def history(self, package: str) -> "HistoryAnswer":
        """The versions and hashes of a package in each release, and which stacks vanished."""
        return self._ask("history", locals())

    def coverage(
        self,
        *packages: str,
        by: str = "target",
        stacks: Sequence[str] = (),
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "CoverageAnswer":
        """How many specs of packages stacks hold by target, os, compiler, platform or stack."""
        return self._ask("coverage", locals())

    def overlap(
        self, *stacks: str, release: str | None = None, ignore_runtime: bool = False
    ) -> "OverlapAnswer":
        """What two or more stacks share at each level, and which attributes keep the rest apart."""
        return self._ask("overlap", locals())

    def matrix(
        self,
        *stacks: str,
        release: str | None = None,
        level: str = "hash",
        ignore_runtime: bool = False,
    ) -> "MatrixAnswer":
        """What every pair of stacks shares; without names of all stacks but root."""
        return self._ask("matrix", locals())

    def shared(
        self,
        *stacks: str,
        at_least: int = 2,
        level: str = "hash",
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "SharedAnswer":
        """The specs that at least so many stacks hold; without names of all stacks but root."""
        return self._ask("shared", locals())

    def unique(
        self,
        stack: str,
        *,
        level: str = "hash",
        release: str | None = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "UniqueAnswer":
        """What one stack holds and no other of its release, or of any; what would go with it."""
        return self._ask("unique", locals())

    def diff(
        self, left: str, right: str, *, release: str | None = None, ignore_runtime: bool = False
    ) -> "DiffAnswer":
        """How two stacks or two releases differ: rebuilt and why, changed, added and removed."""
        return self._ask("diff", locals())

    def duplicates(
        self,
        *stacks: str,
        within: bool = False,
        release: str | None = None,
        ignore_runtime: bool = False,
    ) -> "DuplicatesAnswer":
        """The near-duplicates in stacks; without names in all stacks but root.

        With ``within`` those groups of which one stack by itself has several hashes.
        """
        return self._ask("duplicates", locals())

    def why(self, left: str, right: str) -> "WhyAnswer":
        """The root causes that make the hashes of two specs differ; specs by hash prefix."""
        return self._ask("why", locals())

    def blame(
        self, *stacks: str, release: str | None = None, ignore_runtime: bool = False
    ) -> "BlameAnswer":
        """The root causes of the near-duplicates in stacks, the most costly first."""
        return self._ask("blame", locals())

    def what_if(
        self,
        *pins: str,
        stacks: Sequence[str] = (),
        release: str | None = None,
        best: int = 0,
        ignore_runtime: bool = False,
    ) -> "WhatIfAnswer":
        """How many builds pins would save at most; ``best`` more pins are looked for."""
        return self._ask("what-if", locals())

    def find(self, spec: str, *stacks: str, release: str | None = None) -> "FindAnswer":
        """The specs that fit a spec in Spack's syntax, in some stacks, a release, or anywhere."""
        return self._ask("find", locals())

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
        return self._ask("want", locals())

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
        return self._ask("deps", locals())

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
        return self._ask("dependents", locals())

    def affected(self, spec: str, *, deptypes: Sequence[str] = ()) -> "AffectedAnswer":
        """What depends on the specs that fit a spec, with the stacks, roots and releases."""
        return self._ask("affected", locals())

    def verify(self) -> "VerifyAnswer":
        """Whether each source's bytes give the DAG hashes, and what contradicts or is missing."""
        return self._ask("verify", locals())
