"""What several stacks can build once: layers, and one stack as the model of the others."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.base.builds import Build, Builds, builds_of, closure, topmost
from cachegraph.analysis.base.layers import Layer, best_layers, layers_of
from cachegraph.analysis.base.requests import Requests
from cachegraph.analysis.base.rows import (
    BaseLayer,
    LayerRows,
    RefusedSpec,
    SavedBytes,
    refused_rows,
)
from cachegraph.analysis.base.unify import Unified, Unifier
from cachegraph.analysis.comparison.best_pins import BestPin, best_pins
from cachegraph.analysis.comparison.demands import Demands
from cachegraph.analysis.comparison.facts import Facts
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.rows import (
    ROW,
    Notes,
    SpecRow,
    StackSize,
    keys_of,
    spec_rows,
)
from cachegraph.analysis.selection.lookup import first_few
from cachegraph.analysis.selection.scope import select_stack
from cachegraph.analysis.selection.stacks import notes, specs_in_any
from cachegraph.analysis.sizes import Bytes
from cachegraph.errors import UsageError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import SPEC, STACK
from cachegraph.model.stack_key import StackKey
from cachegraph.output.base_tables import base_tables
from cachegraph.output.tables import Table
from cachegraph.questions.parameters import Option, Selected, StackQuestion

BEST = "best"
_MOST_TRIED = 12
_ESTIMATED = "what stacks become is an estimate: the concretizer may choose otherwise"
_UNKNOWN = "no dependencies are recorded of {} of {} specs: what these need cannot be known"


class StackBuilds(StackSize):
    """A stack; how many specs it holds after pins and with the base, and how many it takes."""

    after: int
    taken: int


class BaseSpec(SpecRow):
    """A spec of the base; nothing else in the base needs one that is ``topmost``."""

    topmost: bool


class UnifiedStack(TypedDict):
    """The key of the stack whose specs are offered to the others; absent without --unify."""

    unified: NotRequired[str]


class BasePin(TypedDict):
    """A pin, the builds left with it and the pins before it, and the builds that it saves."""

    pin: str
    after: int
    saved: int


class BaseAnswer(Notes, Bytes, SavedBytes, UnifiedStack):
    """The answer of ``base``.

    As the stacks are, ``separate`` specs are built if each stack builds its own, and ``union`` if
    equal ones are built once. With the pins, and if all take what they can of ``unified``, there
    are ``after``, of which two or more stacks hold ``shared``. ``layers`` are then those of all
    stacks, or with --layers the chosen of ``all_layers``; ``base`` has what is in more than one.
    """

    question: str
    stacks: list[StackBuilds]
    separate: int
    union: int
    saved: int
    after: int
    shared: int
    all_layers: int
    layers: list[BaseLayer]
    base: list[BaseSpec]
    refused: list[RefusedSpec]
    pins: list[BasePin]


class Base(StackQuestion[BaseAnswer]):
    """Find what several stacks can build once, and write it as environments.

    All specs that exactly the same stacks hold are a layer, and a layer needs only layers of more
    stacks: with each built once, every spec is. More is saved if stacks take the specs of one of
    them for all names that it has in common with others: --unify says which cannot be taken, and
    why. A stack keeps a spec if a root requests what the other one is not, or if a package needs
    its value: one that depends on it wherever that value is, and never on another. Without stacks,
    all stacks of the release but root are looked at.

    Examples:
      cachegraph base --release e4s-24.11
      cachegraph base --unify best --release e4s-24.11
      cachegraph base --release e4s-24.11 --spack-yaml environments
    """

    layers: Annotated[
        int,
        Option("Only K layers that save most together, with all that they need.", "K", least=0),
    ] = 0
    unify: Annotated[
        str,
        Option(
            "Give all the specs of this stack for common names; best: that leaving fewest builds.",
            "STACK",
            STACK,
        ),
    ] = ""
    pins: Annotated[
        int, Option("First apply the N pins that save most.", "N", least=0, most=100)
    ] = 0

    def select(self, graph: SpecGraph) -> Selected:
        selected = super().select(graph)
        if self.unify not in ("", BEST) and not self._named(selected):
            selected.append(
                select_stack(graph, self.unify, self.release, ignore_runtime=self.ignore_runtime)
            )
        return selected

    def _named(self, selection: Selected) -> list[int]:
        """The places of the stacks that ``unify`` names by key, or of that name."""
        keys = [one.key for one in selection]
        if self.unify in keys:
            return [keys.index(self.unify)]
        return [n for n, key in enumerate(keys) if StackKey.parse(key).name == self.unify]

    def _donors(self, selection: Selected) -> list[int]:
        """The place of the stack that is named; none for the best. UsageError for several."""
        if self.unify in ("", BEST):
            return []
        named = self._named(selection)
        if len(named) > 1:
            keys = first_few([selection[place].key for place in named])
            raise UsageError(f"{self.unify} means {len(named)} stacks: {keys}", "name one in full")
        return named

    def walk(self, graph: SpecGraph, selection: Selected) -> BaseAnswer:
        donors = self._donors(selection)
        pinned, before = [], builds_of(graph, selection)
        builds = before
        if self.pins:
            specs = PinnedSpecs(graph, specs_in_any(selection), selection)
            demands = Demands(graph, specs, selection)
            better = best_pins(graph, specs, demands, [], len(specs.specs))
            pinned = [*islice(better, self.pins)]
            first = specs.rehash([one.pin for one in pinned]).first
            builds = builds_of(graph, selection, first)
        unified = _unify(graph, selection, builds, donors) if self.unify else None
        found = _Found(before, unified.builds if unified else builds, unified, pinned)
        return self._answer(graph, selection, found)

    def _answer(self, graph: SpecGraph, selection: Selected, found: "_Found") -> BaseAnswer:
        before, now, unified, pinned = found
        layers = layers_of(now)
        chosen = best_layers(layers, self.layers) if self.layers else range(len(layers))
        saving = [layers[place] for place in chosen if layers[place].saved]
        layer_rows = LayerRows(graph, selection, before.union)
        separate, union = sum(map(len, before.held)), len(before.union)
        named: UnifiedStack = {"unified": selection[unified.donor].key} if unified else {}
        return {
            "question": "base",
            "stacks": [*_stack_rows(selection, found)],
            "separate": separate,
            "union": union,
            "saved": separate - union,
            **layer_rows.bytes(before.union),
            **layer_rows.saved_bytes(layers_of(before)),
            "after": len(now.union),
            "shared": now.shared,
            **named,
            "all_layers": len(layers),
            "layers": layer_rows.rows(layers, chosen),
            "base": _base_rows(graph, now, unified, saving),
            "refused": refused_rows(graph, selection, unified.refusals) if unified else [],
            "pins": [*_pin_rows(pinned, union)],
            **notes(selection, _notes(graph, found)),
        }

    exit_code = "Exit with 1 when building layers once saves a build."
    found_in = "saved"

    sections = ("stacks", "layers", "base", "refused", "pins")
    main_section = "layers"

    def tables(self, answer: BaseAnswer) -> Iterator[Table]:
        return base_tables(answer)


class _Found(NamedTuple):
    """The builds of the stacks as they are, and as they become."""

    before: Builds
    now: Builds
    unified: Unified | None
    pinned: Sequence[BestPin]


def _unify(graph: SpecGraph, selection: Selected, builds: Builds, donors: Sequence[int]) -> Unified:
    """What the stacks become with that donor that leaves the fewest builds; without any the best.

    Of many stacks those are tried that have most names in common with others.
    """
    facts = Facts(graph)
    facts.read(builds.union)

    def properties(build: Build) -> Mapping[str, Any]:
        return {name: facts.value(build, name) for name in (*ROW[1:], "namespace")}

    requests = [Requests(graph, one, builds.stands_for, properties) for one in selection]
    unifier = Unifier(builds, facts, requests)
    donors = donors or unifier.likely_donors(_MOST_TRIED)
    return min(map(unifier.unify, donors), key=lambda one: len(one.builds.union))


def _stack_rows(selection: Selected, found: _Found) -> Iterator[StackBuilds]:
    for place, (one, held) in enumerate(zip(selection, found.now.held, strict=True)):
        taken = found.unified.taken[place] if found.unified else 0
        yield {**one.size(), "after": len(held), "taken": taken}


def _base_rows(
    graph: SpecGraph, now: Builds, unified: Unified | None, layers: Sequence[Layer]
) -> list[BaseSpec]:
    """The specs of the base: those that are offered, or of layers that several stacks hold."""
    if unified:
        base = {*unified.base}
    else:
        base = closure((build for layer in layers for build in layer.builds), now.needs)
    top = {*keys_of(graph, SPEC, topmost(base, now.needs))}
    return [{**row, "topmost": row["hash"] in top} for row in spec_rows(graph, base)]


def _notes(graph: SpecGraph, found: _Found) -> Iterator[str]:
    """Notes on what the numbers after pins or with a base rest on."""
    if found.unified or found.pinned:
        yield _ESTIMATED
        specs = [*found.before.union]
        formats = graph.values(SPEC, specs, ("specfile_version",))
        if unknown := sum(format_ is None for (format_,) in formats):
            yield _UNKNOWN.format(unknown, len(specs))


def _pin_rows(pinned: Sequence[BestPin], builds: int) -> Iterator[BasePin]:
    for pin, left in pinned:
        yield {"pin": pin.text, "after": left, "saved": builds - left}
        builds = left
