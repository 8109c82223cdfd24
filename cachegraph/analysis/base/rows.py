"""The rows of layers, and of specs that stacks cannot take."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from cachegraph.analysis.base.builds import Build
from cachegraph.analysis.base.layers import Layer
from cachegraph.analysis.base.unify import REASONS, Refusal
from cachegraph.analysis.rows import SpecName, row_order, rows
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.analysis.sizes import Bytes, known_sizes, sizes_among, total_bytes
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import SPEC


class SavedBytes(TypedDict):
    """Bytes of archives that are built and kept once instead of more often, as far as known."""

    saved_bytes: NotRequired[int]


class BaseLayer(Bytes, SavedBytes):
    """The specs that exactly these stacks hold, and the numbers of the layers that they need.

    ``saved`` are the builds that are saved if the layer is built once, not in each stack.
    """

    layer: int
    stacks: list[str]
    specs: int
    saved: int
    needs: list[int]


class RefusedSpec(SpecName):
    """A spec that a stack keeps although the base has another one for its name, ``offered``.

    ``reason`` is ``requested`` if the requests ``by`` exclude the offered one, ``needed`` if the
    packages ``by`` need the ``value``, ``dependency`` if the offered one needs builds of the
    packages ``by`` that the stack cannot take, else ``external``, ``platform``, ``os``, ``target``.
    """

    stack: str
    hash: str
    offered: str
    reason: str
    attribute: NotRequired[str]
    value: NotRequired[str]
    by: list[str]


class LayerRows:
    """Makes the rows of layers, and sums up the known sizes of builds."""

    def __init__(
        self, graph: SpecGraph, selection: Sequence[StackSelection], builds: Iterable[Build]
    ) -> None:
        self._keys = [one.key for one in selection]
        self._sizes = known_sizes(graph, builds)

    def bytes(self, builds: Collection[Build]) -> Bytes:
        """The bytes of builds."""
        sizes = sizes_among(self._sizes, builds)
        return total_bytes(sum(sizes), len(sizes), len(builds))

    def saved_bytes(self, layers: Iterable[Layer]) -> SavedBytes:
        """The bytes that building each of the layers once saves; absent if no size is known."""
        saved = [
            sum(sizes) * (len(layer.stacks) - 1)
            for layer in layers
            if (sizes := sizes_among(self._sizes, layer.builds))
        ]
        return {"saved_bytes": sum(saved)} if saved else {}

    def rows(self, layers: Sequence[Layer], places: Iterable[int]) -> list[BaseLayer]:
        """The rows of those of the layers at these places."""
        return [self._row(layers[place], place + 1) for place in places]

    def _row(self, layer: Layer, number: int) -> BaseLayer:
        return {
            "layer": number,
            "stacks": [self._keys[stack] for stack in layer.stacks],
            "specs": len(layer.builds),
            "saved": layer.saved,
            **self.bytes(layer.builds),
            **self.saved_bytes([layer]),
            "needs": [other + 1 for other in layer.needs],
        }


def refused_rows(
    graph: SpecGraph, selection: Sequence[StackSelection], refusals: Sequence[Refusal]
) -> list[RefusedSpec]:
    """The rows of what stacks refuse, by stack and reason."""
    builds = [*{one for row in refusals for one in (row.build, row.offered)}]
    names = rows(graph, SPEC, builds, ("hash", "package", "version"))
    known = dict(zip(builds, names, strict=True))
    found = [_refused_row(row, known, selection[row.stack].key) for row in refusals]
    return sorted(
        found, key=lambda row: (row["stack"], REASONS.index(row["reason"]), *row_order(row))
    )


def _refused_row(refusal: Refusal, known: Mapping[Build, Any], stack: str) -> RefusedSpec:
    row: RefusedSpec = {
        "stack": stack,
        "hash": known[refusal.build]["hash"],
        "offered": known[refusal.offered]["hash"],
        "reason": refusal.reason,
        "by": [*refusal.by],
    }
    if refusal.attribute:
        row |= {"attribute": refusal.attribute, "value": refusal.value}
    found: RefusedSpec = known[refusal.build] | row
    return found
