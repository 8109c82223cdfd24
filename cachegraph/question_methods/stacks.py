"""Questions about stacks and releases, as methods."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cachegraph.question_methods.base import GraphMethods, Names, listed

if TYPE_CHECKING:
    from cachegraph.questions.blame import BlameAnswer
    from cachegraph.questions.coverage import CoverageAnswer
    from cachegraph.questions.diff import DiffAnswer
    from cachegraph.questions.duplicates import DuplicatesAnswer
    from cachegraph.questions.impact import ImpactAnswer
    from cachegraph.questions.overlap import OverlapAnswer
    from cachegraph.questions.prune import PruneAnswer
    from cachegraph.questions.releases import ReleasesAnswer
    from cachegraph.questions.stacks import StacksAnswer
    from cachegraph.questions.whatif import WhatIfAnswer


class StackMethods(GraphMethods):
    """Questions about stacks and releases, as methods."""

    def releases(self) -> "ReleasesAnswer":
        """The releases, with the number of their stacks and specs.

        >>> [row["name"] for row in graph.releases()["releases"]]
        ['develop', 'e4s-24.02', 'e4s-24.11']
        """
        from cachegraph.questions.releases import Releases

        return self.ask(Releases())

    def stacks(
        self,
        release: Names = None,
        *,
        stacks: Names = (),
        all_releases: bool = False,
        specs: bool = False,
    ) -> "StacksAnswer":
        """The stacks of some releases or of all: the numbers of specs and roots, or all specs.

        Each has the bytes of its archives, as far as a build cache gives them.

        >>> [row["key"] for row in graph.stacks("e4s-24.11")["stacks"]]
        ['e4s-24.11/gcc-cpu', 'e4s-24.11/gcc-cuda']
        """
        from cachegraph.questions.stacks import Stacks

        question = Stacks(
            stacks=listed(stacks), release=release, all_releases=all_releases, specs=specs
        )
        return self.ask(question)

    def coverage(
        self,
        *packages: str,
        by: str = "target",
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "CoverageAnswer":
        """Counts of each package's specs by target, os, compiler, platform or stack.

        >>> answer = graph.coverage("curl", "umpire", by="stack", release="e4s-24.11")
        >>> dict(zip(answer["rows"], answer["cells"]))
        {'umpire': [0, 1], 'curl': [2, 2]}
        """
        from cachegraph.questions.coverage import Coverage

        question = Coverage(
            packages=packages,
            by=by,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def overlap(
        self,
        *names: str,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "OverlapAnswer":
        """What two or more stacks share at each level, and which attributes keep the rest apart.

        >>> answer = graph.overlap("e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda")
        >>> answer["levels"]["hash"]["shared"]
        30
        """
        from cachegraph.questions.overlap import Overlap

        question = Overlap(
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def diff(
        self,
        left: str,
        right: str,
        *,
        stacks: Names = (),
        release: Names = None,
        ignore_runtime: bool = False,
    ) -> "DiffAnswer":
        """How two stacks or two releases differ: rebuilt and why, changed, added and removed.

        >>> answer = graph.diff("e4s-24.02/gcc-cuda", "e4s-24.11/gcc-cuda")
        >>> [(row["package"], row["change"]) for row in answer["products"]]
        [('axom', 'came'), ('ginkgo', 'version'), ('hypre', 'version'), ('kokkos', 'version')]
        """
        from cachegraph.questions.diff import Diff

        question = Diff(
            left=left,
            right=right,
            stacks=listed(stacks),
            release=release,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def impact(
        self,
        old: str,
        new: str,
        *,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        fail_on: Sequence[str] = (),
    ) -> "ImpactAnswer":
        """What a change of a stack, or of the stacks of a release, rebuilds.

        ``stacks`` and ``release`` name those whose binaries are there already; ``fail_on`` are
        thresholds, of which the answer says which are passed.

        >>> answer = graph.impact("e4s-24.02/gcc-cuda", "e4s-24.11/gcc-cuda")
        >>> answer["bucket"], answer["builds"], answer["near_duplicates"]
        ('11-100', 41, 4)
        """
        from cachegraph.questions.impact import Impact

        question = Impact(
            old=old,
            new=new,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            fail_on=fail_on,
        )
        return self.ask(question)

    def duplicates(
        self,
        *names: str,
        by: str = "alike",
        within: bool = False,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "DuplicatesAnswer":
        """The near-duplicates in stacks; without names, in all stacks but root.

        With ``within`` those groups that have two or more specs in one stack. By ``package`` the
        packages of which one stack has several specs, what differs and what needs each.

        >>> [group["package"] for group in graph.duplicates(release="e4s-24.11")["groups"]]
        ['cmake', 'curl', 'openssl', 'perl']
        """
        from cachegraph.questions.duplicates import Duplicates

        question = Duplicates(
            by=by,
            within=within,
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def blame(
        self,
        *names: str,
        fix: bool = False,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "BlameAnswer":
        """The root causes of the near-duplicates in stacks, the most costly first.

        With ``fix`` the ten largest have a pin that takes each away.

        >>> cause = graph.blame(release="e4s-24.11")["causes"][0]
        >>> cause["package"], cause["attribute"], cause["redundant"]
        ('zlib-ng', 'new_strategies', 4)
        """
        from cachegraph.questions.blame import Blame

        question = Blame(
            fix=fix,
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def what_if(
        self,
        *pins: str,
        best: int = 0,
        yaml: bool = False,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "WhatIfAnswer":
        """How many builds pins would save at most; ``best`` more pins are looked for.

        With ``yaml`` the answer has them as packages.yaml, for Spack.

        >>> graph.what_if("zlib-ng +new_strategies", release="e4s-24.11")["saved"]
        5
        """
        from cachegraph.questions.whatif import WhatIf

        question = WhatIf(
            pins=pins,
            best=best,
            yaml=yaml,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)

    def prune(
        self,
        *,
        drop: Names = (),
        keep_last: int = 0,
        unused_since: str | None = None,
        only_in: Names = (),
        force: bool = False,
    ) -> "PruneAnswer":
        """What deleting stacks from a build cache would free, keep and break; deletes nothing.

        >>> answer = graph.prune(drop="e4s-24.11/gcc-cpu")
        >>> answer["specs"], answer["kept"]
        (5, [{'key': 'e4s-24.11/gcc-cuda', 'specs': 30, 'alone': 30}])
        >>> answer["remove"]
        ['e4s-24.11/gcc-cpu']
        """
        from cachegraph.questions.prune import Prune

        question = Prune(
            drop=listed(drop),
            keep_last=keep_last,
            unused_since=unused_since,
            only_in=listed(only_in),
            force=force,
        )
        return self.ask(question)
