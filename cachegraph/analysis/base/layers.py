"""Layers: the builds that exactly the same stacks hold, and which of them save most."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cachegraph.analysis.base.builds import Build, Builds


class Layer(NamedTuple):
    """The builds that exactly these stacks hold, and the layers that they need.

    Of stacks that hold all that their builds depend on, a layer needs only layers of more stacks.
    """

    stacks: tuple[int, ...]
    """The places of the stacks."""
    builds: Sequence[Build]
    needs: tuple[int, ...]
    """The places of the other layers in which what the builds directly depend on is."""

    @property
    def saved(self) -> int:
        """How many builds it saves to build the layer once instead of in each stack."""
        return len(self.builds) * (len(self.stacks) - 1)


def layers_of(builds: Builds) -> list[Layer]:
    """The layers of stacks, those first that save most when they are built once."""
    # A set of stacks is an integer, of which each stack has one bit: to compare them is cheap.
    stacks_with: defaultdict[Build, int] = defaultdict(int)
    for place, held in enumerate(builds.held):
        for build in held:
            stacks_with[build] |= 1 << place
    members: defaultdict[int, list[Build]] = defaultdict(list)
    for build, stacks in stacks_with.items():
        members[stacks].append(build)
    places = {stacks: _places(stacks) for stacks in members}

    def order(stacks: int) -> tuple[int, int, int, tuple[int, ...]]:
        others = len(places[stacks]) - 1
        return -len(members[stacks]) * others, -others, -len(members[stacks]), places[stacks]

    ordered = sorted(members, key=order)
    place_of = {stacks: place for place, stacks in enumerate(ordered)}
    found = []
    for stacks in ordered:
        needed = {stacks_with[end] for build in members[stacks] for end in builds.needs[build]}
        needs = sorted(place_of[other] for other in needed - {stacks})
        found.append(Layer(places[stacks], members[stacks], tuple(needs)))
    return found


def _places(stacks: int) -> tuple[int, ...]:
    """The places of the bits that are set."""
    digits = f"{stacks:b}"[::-1]
    return tuple(place for place, digit in enumerate(digits) if digit == "1")


def best_layers(layers: Sequence[Layer], count: int) -> list[int]:
    """The places of at most so many layers that save much together, with all that they need.

    The best choice takes too long to find. Layers are added one by one with what is missing of what
    they need: once those that save most for each layer that is added, once those that save most in
    all; the better of the two choices is returned.
    """
    choices: list[set[int]] = [_greedy(layers, count, each) for each in (True, False)]
    saved = [saved_by(layers, chosen) for chosen in choices]
    return sorted(choices[saved.index(max(saved))])


def saved_by(layers: Sequence[Layer], chosen: Iterable[int]) -> int:
    """How many builds it saves to build these layers once."""
    return sum(layers[place].saved for place in chosen)


def _greedy(layers: Sequence[Layer], count: int, each: bool) -> set[int]:
    """Adds what saves most; with ``each`` what saves most for each layer that is added."""
    chosen: set[int] = set()
    while more := max(
        _additions(layers, chosen, count),
        key=lambda more: saved_by(layers, more) / (len(more) if each else 1),
        default=None,
    ):
        chosen |= more
    return chosen


def _additions(layers: Sequence[Layer], chosen: set[int], count: int) -> Iterator[set[int]]:
    """The layers that save something, each with the layers that it needs and are not chosen yet."""
    for place, layer in enumerate(layers):
        if layer.saved and place not in chosen:
            more = _missing(layers, place, chosen, count - len(chosen))
            if more is not None:
                yield more


def _missing(layers: Sequence[Layer], place: int, chosen: set[int], most: int) -> set[int] | None:
    """A layer and all that it needs but the chosen ones; None as soon as these are too many."""
    missing, waiting = {place}, [place]
    while waiting:
        if len(missing) > most:
            return None
        new = {*layers[waiting.pop()].needs} - missing - chosen
        missing |= new
        waiting += new
    return missing if len(missing) <= most else None
