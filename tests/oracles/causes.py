"""A slow, plain way to say why hashes differ, to hold cachegraph's own answers to.

Nothing of cachegraph is used here: it works on the dictionaries that ``tests.oracles.documents``
reads. The DAG hash is that of a node's own content and of its children's hashes; own content is
compared field by field, and where it is equal the walk goes on into the children whose hashes
differ.
"""

import json
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple

from tests.oracles import documents as oracle
from tests.oracles.documents import Node, Reading, Spec

WITH_RECIPE = 3
"""From this format on the DAG hash covers the recipe and the dependencies that only build."""
ONCE = {"compiler", "os", "provider"}
"""Kinds of which the same two values are one cause, wherever they are met. Of targets the name."""


class Difference(NamedTuple):
    """One thing that two specs' own contents have not in common."""

    kind: str
    attribute: str
    left: str | None
    right: str | None


class Cause(NamedTuple):
    """A difference, and the packages that lead to it from the spec that was asked for."""

    path: tuple[str, ...]
    difference: Difference

    @property
    def told(self) -> tuple[str, str, str, str | None, str | None]:
        """Package, kind, attribute, left and right."""
        return (self.path[-1], *self.difference)


@dataclass
class World:
    """The specs of one reading or of several; the first that has a hash says what it is."""

    specs: dict[str, Spec] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    formats: dict[str, int] = field(default_factory=dict)
    """Of each node its format; 0 of what only a page tells."""

    @classmethod
    def of(cls, *readings: Reading) -> "World":
        """All that these documents tell."""
        world = cls()
        for reading in readings:
            for key, spec in reading.specs.items():
                if key not in world.specs:
                    world.specs[key] = spec
                    world.nodes[key] = reading.nodes.get(key, {})
                    world.formats[key] = reading.node_format
        return world

    def title(self, key: str) -> str:
        """``name@version``."""
        return f"{self.specs[key]['name']}@{self.specs[key]['version']}"


# Two specs ------------------------------------------------------------------------------------


def why(world: World, left: str, right: str) -> list[Cause]:
    """The topmost differences below two specs: breadth first, each pair of specs once."""
    first = (world.specs[left]["name"],)
    waiting: deque[tuple[str, str, tuple[str, ...]]] = deque([(left, right, first)])
    met = {(left, right)}
    told: set[Difference] = set()
    causes = []
    while waiting:
        a, b, path = waiting.popleft()
        found = [] if a == b else own(world, a, b)
        causes += [Cause(path, each) for each in found if each not in told]
        told.update(each for each in found if each.kind in ONCE or each.attribute == "target")
        if found and path != first:
            continue
        for a_child, b_child in children(world, a, b):
            if not (a_child and b_child) or (
                compiles(world, a, a_child) and "compiler" in kinds(found)
            ):
                continue
            if a_child != b_child and (a_child, b_child) not in met:
                met.add((a_child, b_child))
                waiting.append((a_child, b_child, (*path, world.specs[a_child]["name"])))
    return sorted(causes, key=lambda cause: (len(cause.path), cause.path, cause.difference[:2]))


def compiles(world: World, parent: str, child: str) -> bool:
    """Whether a dependency is the compiler of a spec: where that differs, it is told as that."""
    return not {"c", "cxx", "fortran"}.isdisjoint(world.specs[parent]["deps"][child][1] or ())


def kinds(found: Iterable[Difference]) -> set[str]:
    return {each.kind for each in found}


def own(world: World, left: str, right: str) -> list[Difference]:
    """What differs in two specs but the hashes of their children."""
    a, b = world.specs[left], world.specs[right]
    found = [
        *_one("version", "version", a["version"], b["version"]),
        *_each("variant", _variants(a), _variants(b)),
        *_each("flag", _flags(a), _flags(b)),
        *_one("compiler", "compiler", a["compiler"], b["compiler"]),
        *_one("os", "platform", a["platform"], b["platform"]),
        *_one("os", "os", a["os"], b["os"]),
        *_one("target", "target", a["target"], b["target"]),
    ]
    if not (world.formats[left] and world.formats[right]):
        return found
    nodes = world.nodes[left], world.nodes[right]
    if a["target"] == b["target"]:
        found += _one("target", "features", *map(_features, nodes))
    found += _external(a["external"], b["external"])
    found += _known("namespace", "namespace", a["namespace"], b["namespace"])
    if min(world.formats[left], world.formats[right]) >= WITH_RECIPE:
        found += _known("recipe", "package_hash", *(node.get("package_hash") for node in nodes))
    if bool(a["external"]) == bool(b["external"]):
        found += _edges(world, left, right)
    return found


def _one(kind: str, attribute: str, left: str | None, right: str | None) -> list[Difference]:
    return [Difference(kind, attribute, left, right)] if left != right else []


def _known(kind: str, attribute: str, left: str | None, right: str | None) -> list[Difference]:
    """Of what old files do not tell, nothing is said when one side does not."""
    return [] if None in (left, right) else _one(kind, attribute, left, right)


def _each(kind: str, left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(left.keys() | right.keys()):
        yield from _one(kind, name, left.get(name), right.get(name))


def _variants(spec: Spec) -> dict[str, str]:
    return {name: variant(name, value) for name, value in spec["variants"].items()}


def variant(name: str, value: oracle.Value) -> str:
    """``+pic``, ``~pic``, ``certs=mozilla``, ``languages=c,c++``."""
    if isinstance(value, bool):
        return f"{'+' if value else '~'}{name}"
    return f"{name}={value if isinstance(value, str) else ','.join(value)}"


def _flags(spec: Spec) -> dict[str, str]:
    return {name: f"{name}={' '.join(value)}" for name, value in spec["flags"].items() if value}


def _features(node: Node) -> str | None:
    target = node["arch"]["target"]
    return json.dumps(target) if isinstance(target, dict) else None


def _external(left: dict[str, Any] | None, right: dict[str, Any] | None) -> list[Difference]:
    """Where two externals are installed and how they are loaded; or that only one is external."""
    if not left and not right:
        return []
    if not left or not right:
        return [Difference("external", "external", *(_words(bool(s)) for s in (left, right)))]
    return [
        *_one("external", "prefix", left.get("path"), right.get("path")),
        *_one("external", "modules", _modules(left), _modules(right)),
    ]


def _words(external: bool) -> str:
    return "external" if external else "built"


def _modules(external: dict[str, Any]) -> str | None:
    said = external.get("module")
    return ",".join([said] if isinstance(said, str) else said) if said else None


# Dependencies ---------------------------------------------------------------------------------


def children(world: World, left: str, right: str) -> list[tuple[str | None, str | None]]:
    """The dependencies of two specs, paired by package: of one on one side only the other is None.

    Several of one package: equal hashes first, then those that look the same, then by hash.
    """
    sides = [_named(world, deps) for deps in _hashed(world, left, right)]
    found: list[tuple[str | None, str | None]] = []
    for name in sorted(sides[0].keys() | sides[1].keys()):
        a, b = sides[0].get(name, []), sides[1].get(name, [])
        for equal in (lambda x: x, lambda x: oracle.look(world.specs[x])):
            for one in [*a]:
                twin = next((other for other in b if equal(other) == equal(one)), None)
                if twin:
                    found.append((one, twin))
                    a.remove(one)
                    b.remove(twin)
        found += zip_longest(a, b)
    return found


def _named(world: World, deps: Mapping[str, oracle.Edge]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for child in sorted(deps):
        named.setdefault(world.specs[child]["name"], []).append(child)
    return named


def _hashed(world: World, left: str, right: str) -> list[dict[str, oracle.Edge]]:
    """The dependencies of two specs that the DAG hash covers; once what only builds was not."""
    old = min(world.formats[left], world.formats[right]) < WITH_RECIPE
    return [
        {
            child: edge
            for child, edge in world.specs[parent]["deps"].items()
            if not old or {"link", "run"} & {*edge[0]}
        }
        for parent in (left, right)
    ]


def _edges(world: World, left: str, right: str) -> list[Difference]:
    """What differs in the dependencies: which there are, what for, and what they provide."""
    a, b = _hashed(world, left, right)
    found, swapped = _providers(world, a, b)
    for one, other in children(world, left, right):
        name = world.specs[one or other or ""]["name"]
        if one and other:
            types = (",".join(side[child][0]) for side, child in ((a, one), (b, other)))
            found += _one("deptypes", name, *types)
        elif name not in swapped:
            sides = [world.title(child) if child else None for child in (one, other)]
            found += _one("dependency", name, *sides)
    return found


def _providers(
    world: World, left: Mapping[str, oracle.Edge], right: Mapping[str, oracle.Edge]
) -> tuple[list[Difference], set[str]]:
    """The virtuals that other packages provide, and those of the packages that are on one side."""
    if any(virtuals is None for _, virtuals in (*left.values(), *right.values())):
        return [], set()
    packages = [{world.specs[child]["name"] for child in side} for side in (left, right)]
    provided = [_provided(side) for side in (left, right)]
    found, swapped = [], set()
    for virtual in sorted(provided[0].keys() | provided[1].keys()):
        by = [side.get(virtual, []) for side in provided]
        names = [{world.specs[child]["name"] for child in side} for side in by]
        both_sides = all(names) or (names[0] | names[1]) <= (packages[0] & packages[1])
        if names[0] != names[1] and both_sides:
            texts = [", ".join(sorted(map(world.title, side))) or None for side in by]
            found += _one("provider", virtual, *texts)
            swapped |= (names[0] | names[1]) - (packages[0] & packages[1])
    return found, swapped


def _provided(deps: Mapping[str, oracle.Edge]) -> dict[str, list[str]]:
    provided: dict[str, list[str]] = {}
    for child, (_, virtuals) in deps.items():
        for virtual in virtuals or ():
            provided.setdefault(virtual, []).append(child)
    return provided


# Many -----------------------------------------------------------------------------------------


def groups(world: World, members: Iterable[str]) -> list[list[str]]:
    """Near-duplicates among some specs, each group sorted by hash."""
    some = {key: world.specs[key] for key in members}
    return sorted(sorted(group) for group in oracle.near_duplicates(some))


class RankedCauses(NamedTuple):
    """What one cause costs."""

    groups: int
    redundant: int
    values: tuple[str, ...]


def blame(world: World, members: Iterable[str]) -> dict[tuple[str, str, str], RankedCauses]:
    """By package, kind and attribute: in how many groups, and of how many redundant builds.

    Each member of a group but the first is redundant, and blamed on what makes it differ from the
    nearest one before it. A provider is blamed on the virtual, whoever needs it.
    """
    costs: dict[tuple[str, str, str], list[tuple[int, set[str]]]] = {}
    for number, group in enumerate(groups(world, members)):
        for place, member in enumerate(group[1:], 1):
            earlier = ([*why(world, other, member)] for other in group[:place])
            nearest = min(earlier, key=len)
            found: dict[tuple[str, str, str], set[str]] = {}
            for cause in nearest:
                package, kind, attribute, *values = cause.told
                key = (attribute if kind == "provider" else package, kind, attribute)
                found.setdefault(key, set()).update(value for value in values if value)
            for key, seen in found.items():
                costs.setdefault(key, []).append((number, seen))
    return {
        key: RankedCauses(
            len({number for number, _ in each}),
            len(each),
            tuple(sorted(set[str]().union(*(values for _, values in each)))),
        )
        for key, each in costs.items()
    }


def classes(
    world: World, members: Iterable[str], masked: Sequence[tuple[str, str]] = ()
) -> dict[str, str]:
    """For each member the text of its class: specs of one class are one build.

    A class is what is hashed of a node as in its file, without the variants (package, name) that
    are masked, and with the classes of its children in place of their hashes. What only some of the
    masked nodes depend on, of those that are the same in all else of their own, may follow from the
    variant: it is left out.
    """
    known: dict[str, str] = {}
    common: dict[str, set[str]] = {}
    for key in world.nodes:
        if world.specs[key]["name"] in {package for package, _ in masked}:
            rest = _rest(world, key, masked)
            names = {dep["name"] for dep in oracle.dependencies(_hashed_node(world, key))}
            common[rest] = common.get(rest, names) & names
    members = [*members]
    waiting = [*members]
    while waiting:
        key = waiting[-1]
        missing = [child for child in world.specs[key]["deps"] if child not in known]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        needed = common.get(_rest(world, key, masked))
        node = _masked(_hashed_node(world, key), masked, known, needed)
        known[key] = oracle.digest(json.dumps(node))
    return {key: known[key] for key in members}


def _hashed_node(world: World, key: str) -> Node:
    """What is hashed of a node."""
    node = world.nodes[key]
    return oracle.without_build(node) if world.formats[key] < WITH_RECIPE else node


def _rest(world: World, key: str, masked: Sequence[tuple[str, str]]) -> str:
    """A node without its dependencies and what is masked, as text."""
    return json.dumps(_masked({**_hashed_node(world, key), "dependencies": []}, masked, {}, None))


def _masked(
    node: Node,
    masked: Sequence[tuple[str, str]],
    known: Mapping[str, str],
    names: Collection[str] | None,
) -> Node:
    parameters = {
        name: value
        for name, value in node["parameters"].items()
        if (node["name"], name) not in masked
    }
    deps = [
        {**dep, "hash": known[dep["hash"]]}
        for dep in oracle.dependencies(node)
        if names is None or dep["name"] in names
    ]
    kept = {key: value for key, value in node.items() if key != "hash"}
    return {
        **kept,
        "parameters": parameters,
        "dependencies": sorted(deps, key=json.dumps),
    }


class Counts(NamedTuple):
    """How the specs of two stacks are told apart."""

    kept: int
    removed: int
    added: int
    rebuilt: int
    changed: dict[str, tuple[int, int]]
    """By package how many there are only on the left, and only on the right."""


def diff(world: World, left: Iterable[str], right: Iterable[str]) -> Counts:
    """Kept are equal hashes. Of the rest as many as can be are rebuilt: one on the left for one
    on the right with the same package, version and variants. What then remains of a package on
    both sides is changed, and on one side removed or added.
    """
    a, b = {*left}, {*right}
    remaining = [_by_spec(world, side) for side in (a - b, b - a)]
    rebuilt = {key: min(count, remaining[1].get(key, 0)) for key, count in remaining[0].items()}
    by_package: list[dict[str, int]] = [{}, {}]
    for packages, side in zip(by_package, remaining, strict=True):
        for key, count in side.items():
            if count > rebuilt.get(key, 0):
                packages[key[0]] = packages.get(key[0], 0) + count - rebuilt.get(key, 0)
    gone, come = by_package
    return Counts(
        len(a & b),
        sum(count for package, count in gone.items() if package not in come),
        sum(count for package, count in come.items() if package not in gone),
        sum(rebuilt.values()),
        {package: (gone[package], come[package]) for package in gone if package in come},
    )


def _by_spec(world: World, keys: Iterable[str]) -> dict[tuple[str, str, tuple[str, ...]], int]:
    counts: dict[tuple[str, str, tuple[str, ...]], int] = {}
    for key in keys:
        spec = world.specs[key]
        of = (spec["name"], spec["version"], tuple(sorted(_variants(spec).values())))
        counts[of] = counts.get(of, 0) + 1
    return counts
