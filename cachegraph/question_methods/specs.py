"""Questions about packages and specs, and about the graph as a whole, as methods."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cachegraph.question_methods.base import GraphMethods, Names, listed
from cachegraph.questions import answer

if TYPE_CHECKING:
    from cachegraph.questions.affected import AffectedAnswer
    from cachegraph.questions.dependencies import DependenciesAnswer
    from cachegraph.questions.find import FindAnswer
    from cachegraph.questions.history import HistoryAnswer
    from cachegraph.questions.show import ShowAnswer
    from cachegraph.questions.stats import StatsAnswer
    from cachegraph.questions.verify import VerifyAnswer
    from cachegraph.questions.want import WantAnswer
    from cachegraph.questions.why import WhyAnswer


class SpecMethods(GraphMethods):
    """Questions about packages and specs, and about the graph as a whole, as methods."""

    def stats(self) -> "StatsAnswer":
        """How many nodes of each label and relationships of each type there are."""
        from cachegraph.questions.stats import Stats

        return answer(Stats(), self.store)

    def show(self, spec: str) -> "ShowAnswer":
        """All properties of a spec, by ``/HASH``, of a package's specs, or of specs that fit."""
        from cachegraph.questions.show import Show

        return answer(Show(spec=spec), self.store)

    def history(self, package: str) -> "HistoryAnswer":
        """The versions and hashes of a package in each release, and which stacks vanished."""
        from cachegraph.questions.history import History

        return answer(History(package=package), self.store)

    def why(self, left: str, right: str) -> "WhyAnswer":
        """The root causes that make the hashes of two specs differ; specs by hash prefix."""
        from cachegraph.questions.why import Why

        return answer(Why(left=left, right=right), self.store)

    def find(
        self,
        spec: str,
        *names: str,
        roots: bool = False,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "FindAnswer":
        """The specs that fit a spec in Spack's syntax, in some stacks, a release, or anywhere."""
        from cachegraph.questions.find import Find

        question = Find(
            spec=spec,
            roots=roots,
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
        )
        return answer(question, self.store)

    def want(
        self,
        spec: str,
        *,
        on: str | None = None,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        limit: int = 10,
    ) -> "WantAnswer":
        """The binaries nearest to a spec in Spack's syntax, to run on ``platform-os-target``."""
        from cachegraph.questions.want import Want

        question = Want(
            spec=spec,
            on=on,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            limit=limit,
        )
        return answer(question, self.store)

    def deps(  # noqa: PLR0913  # one for each option
        self,
        spec: str,
        *,
        transitive: bool = False,
        deptypes: Sequence[str] = (),
        tree: bool = False,
        path: str | None = None,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "DependenciesAnswer":
        """What the specs that fit a spec depend on: a list, a tree, or a path to another spec."""
        from cachegraph.questions.dependencies import Deps

        question = Deps(
            spec=spec,
            transitive=transitive,
            deptypes=deptypes,
            tree=tree,
            path=path,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
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
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "DependenciesAnswer":
        """What depends on the specs that fit a spec: a list, a tree, or a path to them."""
        from cachegraph.questions.dependencies import Dependents

        question = Dependents(
            spec=spec,
            transitive=transitive,
            deptypes=deptypes,
            tree=tree,
            path=path,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
        )
        return answer(question, self.store)

    def affected(
        self,
        spec: str,
        *,
        deptypes: Sequence[str] = (),
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "AffectedAnswer":
        """What depends on the specs that fit a spec, with the stacks, roots and releases."""
        from cachegraph.questions.affected import Affected

        question = Affected(
            spec=spec,
            deptypes=deptypes,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
        )
        return answer(question, self.store)

    def verify(self) -> "VerifyAnswer":
        """Whether each source's bytes give the DAG hashes, and what contradicts or is missing."""
        from cachegraph.questions.verify import Verify

        return answer(Verify(), self.store)
