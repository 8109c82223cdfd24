"""The parameters that several questions have, each with its option and help."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

from cachegraph.analysis.comparison.levels import LEVELS
from cachegraph.analysis.rows import Scope
from cachegraph.analysis.selection.scope import scope_of, select_stacks
from cachegraph.analysis.selection.stacks import StackSelection, excluded_packages
from cachegraph.errors import CacheGraphError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import RELEASE, SPEC, STACK, NodeType
from cachegraph.questions import Answer, Question, Selection, ask


# Plain classes: a named tuple takes eight times as long to make, and every command needs these.
class Argument:
    """A positional argument of a command; a sequence takes any number of them.

    ``completes`` are the labels whose names complete it in a shell. With ``words`` several words
    are one value, as in ``hdf5@1.14 +mpi``. ``option`` is an option for more values of the same.
    """

    def __init__(
        self,
        metavar: str,
        *completes: NodeType,
        words: bool = False,
        option: "Option | None" = None,
    ) -> None:
        self.metavar, self.completes, self.words, self.option = metavar, completes, words, option


class Option:
    """An option of a command; a sequence may be repeated, a boolean is a flag.

    Without ``names`` it has the name of its field. A number may be bounded by ``least`` and
    ``most``. ``words`` complete it in a shell, where it is several with commas between them.
    """

    def __init__(  # noqa: PLR0913  # one for each thing that an option may have
        self,
        help: str,  # noqa: A002  # as Click calls it
        metavar: str | None = None,
        *completes: NodeType,
        names: Sequence[str] = (),
        choices: Sequence[str] = (),
        words: Sequence[str] = (),
        least: int | None = None,
        most: int | None = None,
    ) -> None:
        self.names, self.help, self.metavar, self.completes = names, help, metavar, completes
        self.choices, self.words, self.least, self.most = choices, words, least, most


IN = Option(
    "Only this stack, or those that a pattern like '24.11/*' fits; may be repeated.",
    "STACK",
    STACK,
    names=("--in",),
)
Spec = Annotated[str, Argument("SPEC", SPEC, words=True)]
Stacks = Annotated[Sequence[str], Argument("[STACK...]", STACK, option=IN)]
InStacks = Annotated[Sequence[str], IN]
RELEASE_HELP = "Only stacks of this release, or of those that a pattern fits; may be repeated."
Names = str | Sequence[str] | None
Releases = Annotated[Names, Option(RELEASE_HELP, "NAME", RELEASE)]
ReleasesElseDevelop = Annotated[
    Names,
    Option(f"{RELEASE_HELP} [default: develop if there is one, else all]", "NAME", RELEASE),
]
AllReleases = Annotated[bool, Option("The stacks of all releases.")]
IgnoreRuntime = Annotated[
    bool, Option("Leave out compiler-wrapper, gcc-runtime and glibc, which most specs depend on.")
]
Level = Annotated[str, Option("Level at which equal specs count as one.", choices=(*LEVELS,))]
Deptypes = Annotated[
    Sequence[str],
    Option(
        "Follow only dependencies of any of these types: build, link, run, test.",
        "TYPE[,TYPE...]",
        names=("--deptype",),
        words=("build", "link", "run", "test"),
    ),
]

Selected = list[StackSelection]
_MOST_ELSEWHERE = 6
_MOST_COMPARED = 12


class ScopeQuestion(Question[Selection, Answer]):
    """A question that can be asked of some stacks: by name, pattern, release, or of all."""

    stacks: InStacks = ()
    release: Releases = ()
    all_releases: AllReleases = False

    @property
    def is_narrowed(self) -> bool:
        """Whether stacks or releases are named, or all releases are asked for."""
        return bool(self.stacks or self.release or self.all_releases)

    def select_stacks(self, graph: SpecGraph, **options: bool) -> Selected:
        """The stacks that are named; without any those of develop, else of all releases."""
        return select_stacks(
            graph, self.stacks, self.release, all_releases=self.all_releases, **options
        )

    def select_narrowed(self, graph: SpecGraph) -> Selected | None:
        """The stacks that are named; None for all specs, whichever stacks hold them, or none."""
        return self.select_stacks(graph, everywhere=True) if self.is_narrowed else None

    def asked_of(self, selection: Selection) -> Selected | None:
        """The stacks among what was selected; None for all specs."""
        raise NotImplementedError

    def scope(self, graph: SpecGraph, selection: Selection) -> Scope:
        return scope_of(graph, self.asked_of(selection), named=bool(self.stacks))

    names_specs = True
    """Whether it is about certain specs, so that those may be in other stacks than the named."""

    def elsewhere(self, graph: SpecGraph, scope: Scope) -> list[str]:
        """The first few releases where the question has an answer that is not empty."""
        if self.stacks and not self.names_specs:
            return []
        found: list[str] = []
        # To compare the stacks of a release takes a while: that is tried with the last few.
        for release in graph.keys(RELEASE)[0 if self.names_specs else -_MOST_COMPARED :]:
            if len(found) < _MOST_ELSEWHERE and (self.stacks or release not in scope["releases"]):
                given = {**self.given(), "stacks": (), "release": release, "all_releases": False}
                other = type(self)(**given)
                # One that cannot be asked there, such as to compare a stack alone, has no answer.
                with suppress(CacheGraphError):
                    if not other.is_empty(ask(other, graph, other.select(graph))):
                        found.append(release)
        return found


class StackQuestion(ScopeQuestion[Selected, Answer]):
    """A question about stacks: those that are named, else all but root of develop or of all."""

    stacks: Stacks = ()
    release: ReleasesElseDevelop = ()
    ignore_runtime: IgnoreRuntime = False
    names_specs = False

    def select(self, graph: SpecGraph) -> Selected:
        """The stacks, and groups of stacks, that the question is about."""
        return self.select_stacks(graph, ignore_runtime=self.ignore_runtime)

    def asked_of(self, selection: Selected) -> Selected:
        return selection

    def parameters(self, selection: Selected, **more: Any) -> dict[str, Any]:
        """The parameters of a Cypher file: the stacks, the packages to leave out, and ``more``."""
        without = excluded_packages(ignore_runtime=self.ignore_runtime)
        return {"stacks": [one.key for one in selection], "without": without, **more}

    def fits_cypher(self, selection: Selected) -> bool:
        """Not if a group is selected: statements know only whole stacks."""
        return super().fits_cypher(selection) and not any(one.group for one in selection)
