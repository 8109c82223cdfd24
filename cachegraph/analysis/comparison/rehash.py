"""Counts the specs that stay distinct if pins make attributes equal, by hashing them again."""

from collections import Counter, defaultdict
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from typing import Any

from cachegraph.analysis.comparison.facts import CAUSES, PLACES, Facts, Tokens
from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.reached import starts_of_stack
from cachegraph.analysis.comparison.rehashed import Key, Rehashed
from cachegraph.analysis.comparison.spec_order import in_order
from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.selection.stacks import RUNTIME, StackSelection
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import OF_PACKAGE, SPEC
from cachegraph.model.spec import LANGUAGES, by_variant_name, variant_name

_LISTS = {"variant": "variants", "flag": "flags"}

# A version determines the recipe, and may be an external on one side.
_FOLLOWS = {"recipe": "version", "external": "version"}
# The properties that a pin of each kind leaves out of the hash. Of the kind ``os`` the attribute is
# the property.
_PINNED: dict[str, list[int]] = defaultdict(list)
for _name, (_kind, _) in CAUSES.items():
    _PINNED[_FOLLOWS.get(_kind, _kind)].append(PLACES[_name])


class _Packages(dict[Handle, str]):
    """The package of each spec, by its facts."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, spec: Handle) -> str:
        found = self[spec] = self._facts.package(spec)
        return found


class PinnedSpecs:
    """The specs of stacks and all their dependencies, to be hashed again under pins.

    The roots of the stacks tell what pins make superfluous.
    """

    def __init__(
        self,
        graph: SpecGraph,
        specs: Members,
        stacks: Sequence[StackSelection] = (),
        others: Members = frozenset(),
    ) -> None:
        self._graph = graph
        self.others = others
        """The specs of other stacks, which are not pinned."""
        self._others_of_package: dict[str, Collection[Handle]] = {}
        self.specs: list[Handle] = [*specs]
        """The specs of the stacks."""
        everything = with_dependencies(graph, self.specs)
        self.facts = facts = Facts(graph)
        facts.read(everything)
        self.undescribed = len(facts.undescribed.intersection(self.specs))
        """The number of specs whose dependencies are not recorded; pins leave them distinct."""
        self.order, self.in_cycles, self.dependents = in_order(graph, facts, everything)
        self.places = {spec: place for place, spec in enumerate(self.order)}
        """The place of each spec in the order."""
        packages = _Packages(facts)
        packages.update(zip(self.order, facts.packages(self.order), strict=True))
        self.package: Callable[[Handle], str] = packages.__getitem__
        """The package of a spec."""
        self.by_package: dict[str, list[Handle]] = defaultdict(list)
        for spec, package in packages.items():
            self.by_package[package].append(spec)
        held = [(one.specs, one.roots) for one in stacks] or [(specs, frozenset())]
        self.starts_by_stack = [
            (some, {*some} if self.in_cycles else starts_of_stack(self, some, roots))
            for some, roots in held
        ]
        """The specs of each stack, and those that are needed whatever becomes of others."""
        self.starts = set[Handle]().union(*(starts for _, starts in self.starts_by_stack))
        """The specs that any of the stacks needs whatever becomes of others."""
        self._numbers = self._number_equals()
        self._latest = self._as_recorded = self._without_pins()

    def _without_pins(self) -> Rehashed:
        """The specs without pins: no two have equal hashes, because their numbers differ."""
        keys: dict[Handle, Key] = {spec: self.key(spec, ()) for spec in self._numbers}
        tokens = map(id, self.facts.tokens_of_each(self.order))
        keys = {**dict(zip(self.order, tokens, strict=True)), **keys}
        return Rehashed(self, [], keys, {}, dict(zip(self.order, self.order, strict=True)))

    def _number_equals(self) -> Mapping[Handle, int]:
        """A number for each spec that equals others in all that is recorded, to keep them apart."""
        facts = self.facts
        alike: dict[int, list[Handle]] = defaultdict(list)
        for spec, tokens in zip(self.order, facts.tokens_of_each(self.order), strict=True):
            alike[id(tokens)].append(spec)
        # Few have the same dependencies, of which the uses are looked at then. The sets themselves
        # would take 40 MB of 100,000 specs.
        same_ends: dict[Key, list[Handle]] = defaultdict(list)
        for number, specs in alike.items():
            for spec in specs if len(specs) > 1 else ():
                same_ends[number, hash(frozenset(facts.ends(spec)))].append(spec)
        equal: dict[Key, list[Handle]] = defaultdict(list)
        for key, specs in same_ends.items():
            for spec in specs if len(specs) > 1 else ():
                uses = zip(*facts.ends_and_uses(spec), strict=True)
                equal[key, frozenset(uses)].append(spec)
        numbers = {}
        for specs in equal.values():
            if len(specs) > 1:
                hashes = (hash_ for (hash_,) in self._graph.values(SPEC, specs, ("hash",)))
                by_hash = sorted(zip(hashes, specs, strict=True))
                numbers.update({spec: number for number, (_, spec) in enumerate(by_hash)})
        return numbers

    def note_unrecorded(self) -> list[str]:
        """A note on specs whose dependencies are not recorded, if there are any."""
        count = f"{self.undescribed} of {len(self.specs)} specs"
        note = f"no dependencies are recorded of {count}: what a pin would save of these"
        return [f"{note} cannot be known"] if self.undescribed else []

    def value(self, spec: Handle, kind: str, attribute: str) -> str | None:
        """The value of an attribute of a spec, as text; None if it has none."""
        value: Any = self.facts.value(spec, _LISTS.get(kind, attribute))
        return by_variant_name(value).get(attribute) if kind in _LISTS else value

    def ends_and_uses(self) -> tuple[Iterator[Handle], Iterator[Hashable]]:
        """The dependencies of all specs, and for each the token of its deptypes and virtuals."""
        return self.facts.of_the_first(len(self.order))

    def provided(self, virtual: str) -> Iterator[tuple[Handle, str]]:
        """The specs that use a virtual, each with the package that provides it."""
        facts = self.facts
        for spec in self.order:
            for end, use in zip(*facts.ends_and_uses(spec), strict=True):
                if virtual in facts.virtuals(use):
                    yield spec, self.package(end)

    def others_of(self, package: str) -> Collection[Handle]:
        """The specs of a package in the other stacks, which are read."""
        self.read_others([package])
        return self._others_of_package[package]

    def read_others(self, packages: Iterable[str]) -> None:
        """Reads the specs of packages in the other stacks; a server is asked once for many."""
        known = self._others_of_package
        new: dict[str, list[Handle]] = {one: [] for one in packages if one not in known}
        known.update(new)
        named = [self.by_package[package][0] for package in new if package in self.by_package]
        if self.others and named:
            nodes = self._graph.ends_of(OF_PACKAGE, named)
            found = sorted(self._graph.starts_of_any(OF_PACKAGE, nodes) & self.others)
            self.facts.read(found)
            for spec in found:
                new.get(self.facts.package(spec), []).append(spec)

    def rehash(self, pins: Sequence[Pin]) -> Rehashed:
        """What the specs hash to under the pins; nothing in it may be changed."""
        # The same pins are asked for again where more are tried on top of them.
        if self._latest.pins != [*pins]:
            if not pins:
                return self._as_recorded
            *others, pin = pins
            if pin.package is None:
                self._latest = self.rehash_all(pins)
            else:
                self._latest = self.rehash(others).with_pin(pin)
        return self._latest

    def rehash_all(self, pins: Sequence[Pin]) -> Rehashed:
        """Hashes all specs under pins; ``rehash`` returns the same, and reuses earlier hashes."""
        first, seen = dict[Handle, Handle](), dict[Key, Handle]()
        undescribed = self.facts.undescribed
        found = Rehashed(self, pins, *self.keys(pins), first)
        occurrences = Counter(found.keys.values())
        # In this order the first equals of a spec's dependencies are known before the spec.
        for spec in self.order:
            key = found.keys[spec]
            if occurrences[key] == 1 or spec in undescribed:
                first[spec] = spec
            else:
                uses = found.uses(spec, found.common_packages.get(key))
                first[spec] = seen.setdefault((key, uses), spec)
        return found

    def keys(
        self, pins: Sequence[Pin], packages: Iterable[str] | None = None
    ) -> tuple[dict[Handle, Key], dict[Key, set[str]]]:
        """The key of each spec; and for keys of pinned packages the dependencies that count.

        With ``packages`` only those of the specs of these.

        These are the packages that all specs of the key depend on. A dependency that only some of
        them have may follow from what is pinned.
        """
        by_package: dict[str | None, list[Pin]] = defaultdict(list)
        for pin in pins:
            by_package[pin.package].append(pin)
        of_all = by_package.pop(None, [])
        keys = dict(self._as_recorded.keys) if packages is None else {}
        if packages is None:
            packages = self.by_package if of_all else filter(None, by_package)
        common_packages: dict[Key, set[str]] = {}
        for package in packages:
            of_package = by_package.get(package, [])
            for spec in self.by_package[package]:
                key = keys[spec] = self.key(spec, of_package + of_all)
                if of_package:
                    some = {*map(self.package, self.facts.ends(spec))}
                    common_packages[key] = common_packages.get(key, some) & some
        return keys, common_packages

    def key_of_use(self, pins: Sequence[Pin]) -> Callable[[Handle, Hashable], Key | None] | None:
        """A function that gives, of a dependency that pins make the same for all, a key of its use.

        None if the pins make none the same.

        Pins of a provider do so for the virtual; a pin of the compiler of all specs does for the
        languages and, with C, for the runtime packages of compilers.
        """
        pinned = {pin.attribute for pin in pins if pin.kind == "provider"}
        if any(pin.kind == "compiler" and pin.package is None for pin in pins):
            pinned.update(LANGUAGES)
        if not pinned:
            return None

        def key(end: Handle, use: Hashable) -> Key | None:
            if "c" in pinned and self.package(end) in RUNTIME:
                return "runtime", self.package(end)
            virtuals = pinned.intersection(self.facts.virtuals(use))
            return ("virtual", *sorted(virtuals)) if virtuals else None

        return key

    def key(self, spec: Handle, pins: Sequence[Pin]) -> Key:
        """A number for the tokens of a spec without the pinned properties; of an equal one another.

        It is where they are in memory, as to hash them all takes long.
        """
        tokens = self.facts.shared(self._tokens_without(spec, pins)) if pins else None
        key = id(tokens or self.facts.tokens(spec))
        number = self._numbers.get(spec, 0)
        return (key, number) if number else key

    def _tokens_without(self, spec: Handle, pins: Sequence[Pin]) -> Tokens:
        left: list[Hashable] = [*self.facts.tokens(spec)]
        names: dict[str, set[str]] = defaultdict(set)
        for pin in pins:
            names[pin.kind].add(pin.attribute)
            places = (PLACES[pin.attribute],) if pin.kind == "os" else _PINNED[pin.kind]
            for place in places:
                left[place] = None
        for kind, name in _LISTS.items():
            if kind in names:
                texts = self.facts.value(spec, name) or ()
                left[PLACES[name]] = tuple(t for t in texts if variant_name(t) not in names[kind])
        if "version" in names:
            left[PLACES["variants"]] = None
        return tuple(left)
