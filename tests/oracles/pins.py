"""A slow, plain way to say what pins of variants come to, and who needs which value.

As in ``tests.oracles.causes`` nothing of cachegraph is used. All specs, of the stacks that are
asked about and of others, are hashed again together; which of the new hashes are needed is found by
going down from the roots, and which of them exist by looking for a spec that no pin changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.oracles.causes import World, classes, variant
from tests.oracles.documents import Reading

Pin = tuple[str, str, str]
"""Package, name of the variant, and its text: ``zlib-ng``, ``opt``, ``+opt``."""


class Pinned(NamedTuple):
    """What pins come to."""

    after: int
    new: int
    shared_after: int
    """Builds that two or more of the stacks need."""
    others_union: int
    others_shared: int


class _Case(NamedTuple):
    """The specs of the stacks and of others, and the class of each under the pins."""

    world: World
    asked: set[str]
    in_others: set[str]
    pins: Sequence[Pin]
    classed: Mapping[str, str]


def pinned(stacks: Sequence[Reading], others: Sequence[Reading], pins: Sequence[Pin]) -> Pinned:
    """What pins in some stacks come to, next to others without the pins."""
    world = World.of(*stacks, *others)
    masked = [(package, name) for package, name, _ in pins]
    classed = classes(world, world.specs, masked)
    asked = set[str]().union(*(one.specs for one in stacks))
    ends = {
        one: {
            classed[end]
            for key in _telling(world, pins, some)
            for end in _kept(world, asked, key, pins)
        }
        for one, some in _by_class(classed, asked).items()
    }
    needed = [_needed(world, one, ends, classed) for one in stacks]
    left = set[str]().union(*needed)
    in_others = set[str]().union(*(one.members for one in others))
    case, known = _Case(world, asked, in_others, pins, classed), dict[str, set[str]]()
    existing = {one: _existing(case, one, known) for one in left}
    shared = {one for one, found in existing.items() if found & in_others}
    return Pinned(
        after=len(left),
        new=sum(not found for found in existing.values()),
        shared_after=sum(sum(one in some for some in needed) > 1 for one in left),
        others_union=len(in_others) + len(left - shared),
        others_shared=len(shared),
    )


def _existing(case: _Case, one: str, known: dict[str, set[str]]) -> set[str]:
    """The specs that the specs of a class become: what is as it was has its own hash.

    Else a spec of others may be what it becomes, if it depends on what this depends on then.
    """
    world, asked, in_others, pins, classed = case
    if one not in known:
        equal = {key for key in world.specs if classed[key] == one}
        same = {key for key in equal if _is_unchanged(world, key, pins, {})}
        known[one] = same & asked
        for key in () if known[one] else _telling(world, pins, equal & asked):
            below = {
                world.specs[end]["name"]: _existing(case, classed[end], known)
                for end in _kept(world, asked, key, pins)
            }
            is_met = all(_met(world, key, pin) for pin in pins)
            known[one] |= {
                other for other in same & in_others if _fits(world, other, below, is_met=is_met)
            }
    return known[one]


def _fits(world: World, other: str, below: Mapping[str, set[str]], *, is_met: bool) -> bool:
    """Whether a spec depends on one of the specs of each name, and, if that is known, no more."""
    ends = {world.specs[end]["name"]: end for end in world.specs[other]["deps"]}
    if is_met and ends.keys() != below.keys():
        return False
    return all(ends.get(name) in some for name, some in below.items())


def _by_class(classed: Mapping[str, str], keys: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(classed[key], []).append(key)
    return found


def _needed(
    world: World, stack: Reading, ends: Mapping[str, set[str]], classed: Mapping[str, str]
) -> set[str]:
    """The classes that the roots of a stack need, and the specs in it that nothing needs."""
    below = {end for key in stack.members for end in world.specs[key]["deps"]}
    starts = {root.hash for root in stack.roots} | (stack.members - below)
    waiting = [classed[key] for key in starts]
    found = set[str]()
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += ends[one]
    return found


def _telling(world: World, pins: Sequence[Pin], equal: Iterable[str]) -> list[str]:
    """Of equal specs those with most of the pinned values."""
    unmet = {key: sum(not _met(world, key, pin) for pin in pins) for key in equal}
    return [key for key in unmet if unmet[key] == min(unmet.values())]


def _kept(world: World, asked: set[str], key: str, pins: Sequence[Pin]) -> Iterable[str]:
    """What a spec depends on, without what only its value needs, if another one is pinned.

    That is what all specs of its value in the stacks depend on, and none of the pinned value. What
    this needs is told by specs of the stacks, else by those of others.
    """
    out: set[str] = set()
    for pin in pins:
        if not _met(world, key, pin):
            same = [other for other in world.specs if world.specs[other]["name"] == pin[0]]
            met = [other for other in same if _met(world, other, pin)]
            met = [other for other in met if other in asked] or met
            value = _value(world, key, pin)
            twins = [one for one in same if one in asked and _value(world, one, pin) == value]
            common = set.intersection(*(_names(world, other) for other in twins))
            needs = set[str]().union(*(_names(world, other) for other in met))
            out |= common - needs if met else set()
    return [end for end in world.specs[key]["deps"] if world.specs[end]["name"] not in out]


def _names(world: World, key: str) -> set[str]:
    return {world.specs[end]["name"] for end in world.specs[key]["deps"]}


def _value(world: World, key: str, pin: Pin) -> object:
    return world.specs[key]["variants"].get(pin[1])


def _met(world: World, key: str, pin: Pin) -> bool:
    package, name, text = pin
    spec = world.specs[key]
    return spec["name"] != package or (
        name in spec["variants"] and variant(name, spec["variants"][name]) == text
    )


def _is_unchanged(world: World, key: str, pins: Sequence[Pin], known: dict[str, bool]) -> bool:
    if key not in known:
        below = world.specs[key]["deps"]
        known[key] = all(_met(world, key, pin) for pin in pins) and all(
            _is_unchanged(world, end, pins, known) for end in below
        )
    return known[key]


# Who needs a value -----------------------------------------------------------------------------


def needed_by(stacks: Sequence[Reading], package: str, name: str) -> dict[str, set[str]]:
    """For each value of a variant the packages that come with it in each solve, and else in none.

    A solve is a stack with one spec of each package, else what one root needs.
    """
    world = World.of(*stacks)
    users: dict[str, list[set[str]]] = {}
    for solve in (one for stack in stacks for one in _solves(world, stack)):
        in_solve: dict[str, set[str]] = {}
        for key in solve:
            spec = world.specs[key]
            if spec["name"] == package and name in spec["variants"]:
                dependents = (one for one in solve if key in world.specs[one]["deps"])
                text = variant(name, spec["variants"][name])
                in_solve.setdefault(text, set()).update(
                    world.specs[one]["name"] for one in dependents
                )
        for text, packages in in_solve.items():
            users.setdefault(text, []).append(packages)
    found = {}
    for text, each in users.items():
        others = [one for other, some in users.items() if other != text for one in some]
        always = set.intersection(*each) - set[str]().union(*others)
        if len(users) > 1 and always:
            found[text] = always
    return found


def _solves(world: World, stack: Reading) -> list[set[str]]:
    if len({world.specs[key]["name"] for key in stack.members}) == len(stack.members):
        return [stack.members]
    return [_below(world, root.hash) for root in stack.roots]


def _below(world: World, root: str) -> set[str]:
    found, waiting = {root}, [root]
    while waiting:
        new = world.specs[waiting.pop()]["deps"].keys() - found
        found |= new
        waiting += new
    return found
