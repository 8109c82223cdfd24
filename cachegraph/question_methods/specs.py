"""Questions about packages and specs, and about the graph as a whole, as methods."""

from typing import TYPE_CHECKING

from cachegraph.question_methods.base import GraphMethods, Names, listed

if TYPE_CHECKING:
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
        """How many nodes of each label and relationships of each type there are.

        >>> graph.stats()["nodes"]["Stack"]
        17
        """
        from cachegraph.questions.stats import Stats

        return self.ask(Stats())

    def show(self, spec: str) -> "ShowAnswer":
        """All properties of a spec, by ``/HASH``, of a package's specs, or of specs that fit.

        >>> graph.show("/kc2bmnx")["specs"][0]["package"]
        'cmake'
        """
        from cachegraph.questions.show import Show

        return self.ask(Show(spec=spec))

    def history(self, package: str) -> "HistoryAnswer":
        """The versions and hashes of a package in each release, and which stacks vanished.

        >>> [(row["name"], row["versions"]) for row in graph.history("ginkgo")["releases"]]
        [('e4s-24.02', ['1.7.0']), ('e4s-24.11', ['1.8.0'])]
        """
        from cachegraph.questions.history import History

        return self.ask(History(package=package))

    def why(self, left: str, right: str) -> "WhyAnswer":
        """The root causes of the different hashes of two specs, each named by a hash or a spec.

        >>> cause = graph.why("/kc2bmnx", "/tqdtzdz")["causes"][0]
        >>> cause["path"], cause["left"], cause["right"]
        (['cmake', 'zlib-ng'], '~new_strategies', '+new_strategies')
        """
        from cachegraph.questions.why import Why

        return self.ask(Why(left=left, right=right))

    def find(
        self,
        spec: str,
        *names: str,
        roots: bool = False,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "FindAnswer":
        """The specs that fit a spec in Spack's syntax, in some stacks, a release, or anywhere.

        >>> [row["version"] for row in graph.find("zlib-ng", release="e4s-24.02")["specs"]]
        ['2.1.5']
        """
        from cachegraph.questions.find import Find

        question = Find(
            spec=spec,
            roots=roots,
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
        )
        return self.ask(question)

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
        """The binaries nearest to a spec in Spack's syntax, to run on ``platform-os-target``.

        >>> answer = graph.want("cmake@3.30:", stacks="e4s-24.11/gcc-cpu")
        >>> [row["version"] for row in answer["candidates"]]
        ['3.30.5', '3.30.5']
        """
        from cachegraph.questions.want import Want

        question = Want(
            spec=spec,
            on=on,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            limit=limit,
        )
        return self.ask(question)

    def verify(self) -> "VerifyAnswer":
        """Whether each source's bytes give the DAG hashes, and what contradicts or is missing.

        >>> graph.verify()["problems"]
        []
        """
        from cachegraph.questions.verify import Verify

        return self.ask(Verify())
