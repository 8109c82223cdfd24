"""The parameters that several questions have, each with its option and help."""

from collections.abc import Sequence
from typing import Annotated, Any

from cachegraph.analysis.comparison.levels import LEVELS
from cachegraph.analysis.selection.stacks import StackSelection, excluded_packages, select_stacks
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import PACKAGE, RELEASE, STACK, NodeType
from cachegraph.questions import Answer, Question


# Plain classes: a named tuple takes eight times as long to make, and every command needs these.
class Argument:
    """A positional argument of a command; a sequence takes any number of them.

    ``completes`` is the label whose names complete it in a shell. With ``words`` several words are
    one value, as in ``hdf5@1.14 +mpi``.
    """

    def __init__(
        self, metavar: str, completes: NodeType | None = None, *, words: bool = False
    ) -> None:
        self.metavar, self.completes, self.words = metavar, completes, words


class Option:
    """An option of a command; a sequence may be repeated, a boolean is a flag.

    Without ``names`` it has the name of its field. A number may be bounded by ``least`` and
    ``most``.
    """

    def __init__(  # noqa: PLR0913  # one for each thing that an option may have
        self,
        help: str,  # noqa: A002  # as Click calls it
        metavar: str | None = None,
        completes: NodeType | None = None,
        *,
        names: Sequence[str] = (),
        choices: Sequence[str] = (),
        least: int | None = None,
        most: int | None = None,
    ) -> None:
        self.names, self.help, self.metavar, self.completes = names, help, metavar, completes
        self.choices, self.least, self.most = choices, least, most


Spec = Annotated[str, Argument("SPEC", PACKAGE, words=True)]
Stacks = Annotated[Sequence[str], Argument("[STACK...]", STACK)]
InStacks = Annotated[
    Sequence[str],
    Option(
        "Only this stack; may be repeated. [default: all of the release but root]",
        "STACK",
        STACK,
        names=("--in",),
    ),
]
OnlyStacks = Annotated[
    Sequence[str],
    Option("Only specs that this stack holds; may be repeated.", "STACK", STACK, names=("--in",)),
]
Release = Annotated[
    str | None,
    Option(
        "Release of stacks named without one. [default: the only one, else develop]",
        "NAME",
        RELEASE,
    ),
]
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
    ),
]

Selected = list[StackSelection]


class StackQuestion(Question[Selected, Answer]):
    """A question about stacks: those that are named, else all but root of the release."""

    stacks: Stacks = ()
    release: Release = None
    ignore_runtime: IgnoreRuntime = False

    def select(self, graph: SpecGraph) -> Selected:
        """The stacks, and groups of stacks, that the question is about."""
        return select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)

    def parameters(self, selection: Selected, **more: Any) -> dict[str, Any]:
        """The parameters of a Cypher file: the stacks, the packages to leave out, and ``more``."""
        without = excluded_packages(ignore_runtime=self.ignore_runtime)
        return {"stacks": [one.key for one in selection], "without": without, **more}

    def fits_cypher(self, selection: Selected) -> bool:
        """Whether no group is selected: statements know only whole stacks."""
        return not any(one.group for one in selection)


class SubgraphQuestion(StackQuestion[Answer]):
    """A question whose statement only fetches a part of the graph, which is then walked."""

    statement = ""
    """The name of the file in ``cypher/``."""

    def cypher(self, graph: CypherGraph, selection: Selected) -> Answer:
        """The answer of a walk over the part of the graph below the stacks."""
        part = graph.subgraph(self.statement, {"stacks": [one.key for one in selection]})
        return self.walk(part, [one.in_subgraph(part) for one in selection])
