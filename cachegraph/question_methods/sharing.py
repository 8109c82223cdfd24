"""Questions about what stacks share, and what only one of them holds, as methods."""

from typing import TYPE_CHECKING

from cachegraph.question_methods.base import GraphMethods, Names, listed

if TYPE_CHECKING:
    from cachegraph.questions.matrix import MatrixAnswer
    from cachegraph.questions.shared import SharedAnswer
    from cachegraph.questions.unique import UniqueAnswer


class SharingMethods(GraphMethods):
    """Questions about what stacks share, and what only one of them holds, as methods."""

    def matrix(
        self,
        *names: str,
        level: str = "hash",
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "MatrixAnswer":
        """What every pair of stacks shares; without names, of all stacks but root.

        >>> graph.matrix("e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda")["shared"]
        [[35, 30], [30, 44]]
        """
        from cachegraph.questions.matrix import Matrix

        question = Matrix(
            level=level,
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def shared(
        self,
        *names: str,
        at_least: int = 2,
        level: str = "hash",
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "SharedAnswer":
        """The specs that at least so many stacks hold; without names, of all stacks but root.

        >>> len(graph.shared(at_least=2, release="e4s-24.11")["specs"])
        30
        """
        from cachegraph.questions.shared import Shared

        question = Shared(
            at_least=at_least,
            level=level,
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def unique(
        self,
        stack: str,
        *,
        level: str = "hash",
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "UniqueAnswer":
        """What one stack holds and no other of its release, or of any; the roots that need it.

        >>> [row["package"] for row in graph.unique("e4s-24.11/gcc-cpu")["specs"]]
        ['argobots', 'ginkgo', 'hypre', 'kokkos', 'papi']
        """
        from cachegraph.questions.unique import Unique

        question = Unique(
            stack=stack,
            level=level,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)
