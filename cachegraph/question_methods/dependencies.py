"""Questions about what depends on what, as methods."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cachegraph.question_methods.base import GraphMethods, Names, listed

if TYPE_CHECKING:
    from cachegraph.questions.affected import AffectedAnswer
    from cachegraph.questions.dependencies import DependenciesAnswer


class DependencyMethods(GraphMethods):
    """Questions about what depends on what, as methods."""

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
        """What the specs that fit a spec depend on: a list, a tree, or a path to another spec.

        >>> [row["package"] for row in graph.deps("/kc2bmnx", deptypes=["link"])["specs"]]
        ['curl', 'gcc-runtime', 'glibc', 'gmake', 'ncurses', 'zlib-ng']
        """
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
        return self.ask(question)

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
        """What depends on the specs that fit a spec: a list, a tree, or a path to them.

        >>> [row["package"] for row in graph.dependents("metis")["specs"]]
        ['conduit', 'parmetis']
        """
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
        return self.ask(question)

    def affected(
        self,
        spec: str,
        *,
        deptypes: Sequence[str] = (),
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "AffectedAnswer":
        """What depends on the specs that fit a spec, with the stacks, roots and releases.

        >>> answer = graph.affected("umpire")
        >>> [row["key"] for row in answer["stacks"]], [row["package"] for row in answer["roots"]]
        (['e4s-24.11/gcc-cuda'], ['axom'])
        """
        from cachegraph.questions.affected import Affected

        question = Affected(
            spec=spec,
            deptypes=deptypes,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
        )
        return self.ask(question)
