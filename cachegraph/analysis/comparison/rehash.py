"""Specs hashed again, with attributes left out that pins would make the same for all."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from cachegraph.analysis.comparison.facts import READ, Facts
from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.dependencies.traversal import children_first, with_dependencies
from cachegraph.analysis.selection.lookup import close_to
from cachegraph.analysis.selection.stacks import RUNTIME
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.model.spec import LANGUAGES, variant_name

_PLACES = {name: place for place, name in enumerate(READ)}
# What a pin leaves out of what a spec says of itself. With a version go the recipe, which is that
# of the version, and where the spec comes from.
_LEFT_OUT = {
    "version": ("version", "package_hash", "external", "prefix", "modules"),
    "variant": ("variants",),
    "flag": ("flags",),
    "compiler": ("compiler",),
    "os": ("os",),
    "platform": ("platform",),
    "target": ("target", "target_features"),
    "provider": (),
}
_NO_VIRTUALS = "none is: neither pages nor spec formats before 4 tell virtual packages"
Key = Hashable


class PinnedSpecs:
    """The specs of stacks with all that they need, to be told apart without some attributes."""

    def __init__(self, graph: SpecGraph, held: Members) -> None:
        self._graph = graph
        self.members: list[Handle] = [*held]
        """What the stacks hold."""
        every = with_dependencies(graph, self.members)
        self._known = known = Facts(graph)
        known.read(every)
        self.undescribed = sum(not known.is_described(spec) for spec in self.members)
        """Of how many of them no dependencies are recorded."""
        self._order = children_first({spec: known.edges(spec) for spec in every})
        self._twins = self._numbered()

    def package(self, spec: Handle) -> str:
        """The package of a spec."""
        return self._known.package(spec)

    def _numbered(self) -> Mapping[Handle, int]:
        """Of specs that differ in nothing that is recorded the number, in the order of hashes."""
        same: dict[Key, list[Handle]] = defaultdict(list)
        for spec in self._order:
            own = self._known.own(spec)
            same[own, frozenset(self._known.edges(spec).items())].append(spec)
        twins = {}
        for specs in same.values():
            if len(specs) > 1:
                keyed = zip(self._graph.values(SPEC, specs, ("hash",)), specs, strict=True)
                twins.update({spec: place for place, (_, spec) in enumerate(sorted(keyed))})
        return twins

    def unknown(self) -> list[str]:
        """What has to be said of members whose dependencies are not recorded."""
        count = self.undescribed
        told = f"no dependencies are recorded of {count} of {len(self.members)} specs: what a pin "
        return [f"{told}would save of these cannot be known"] if count else []

    def check(self, pins: Iterable[Pin]) -> None:
        """NotFoundError for a pin of a package, a variant of it, or a virtual that is not there."""
        for pin in pins:
            if pin.kind == "provider":
                self._check_virtual(pin)
            elif pin.package is not None:
                self._check_package(pin, pin.package)

    def _check_virtual(self, pin: Pin) -> None:
        tokens = {*chain.from_iterable(self._known.edges(spec).values() for spec in self._order)}
        virtuals = {*chain.from_iterable(self._known.use_of(token).virtuals for token in tokens)}
        if pin.attribute not in virtuals:
            close = close_to(pin.attribute, virtuals) or sorted(virtuals)
            raise NotFoundError(
                f"{pin.text}: of no spec in the stacks it is recorded who provides {pin.attribute}",
                f"virtual packages are {', '.join(close)}" if close else _NO_VIRTUALS,
            )

    def _check_package(self, pin: Pin, package: str) -> None:
        specs = [spec for spec in self._order if self.package(spec) == package]
        if not specs:
            close = close_to(package, {*map(self.package, self._order)})
            hint = f"did you mean {', '.join(close)}?" if close else "cachegraph stacks"
            raise NotFoundError(f"{pin.text}: no spec of {package} in the stacks", hint)
        if pin.kind == "variant":
            lists = self._graph.values(SPEC, specs, ("variants",))
            known = {variant_name(text) for (texts,) in lists for text in texts or ()}
            if pin.attribute not in known:
                close = close_to(pin.attribute, known) or sorted(known) or ["none"]
                raise NotFoundError(
                    f"{pin.text}: {package} has no variant {pin.attribute}",
                    f"it has {', '.join(close)}",
                )

    def commonest(self, package: str, kind: str, attribute: str) -> str | None:
        """Of an attribute in which specs differ the text that most of them have."""
        if kind == "provider":
            counts = self._providers(attribute)
        else:
            counts = self._texts(package, kind, attribute)
        return min(counts, key=lambda text: (-counts[text], text), default=None)

    def _providers(self, virtual: str) -> Counter[str]:
        known = self._known
        return Counter(
            known.package(end)
            for spec in self._order
            for end, token in known.edges(spec).items()
            if virtual in known.use_of(token).virtuals
        )

    def _texts(self, package: str, kind: str, attribute: str) -> Counter[str]:
        name = {"variant": "variants", "flag": "flags"}.get(kind, attribute)
        counts: Counter[str] = Counter()
        for spec in self._order:
            if self.package(spec) == package:
                value = self._known.text(spec, _PLACES[name])
                if isinstance(value, str):
                    counts[value] += 1
                else:
                    counts.update(text for text in value or () if variant_name(text) == attribute)
        return counts

    def left(self, pins: Sequence[Pin]) -> list[Handle]:
        """One of each class of members that can be told apart without what is pinned."""
        same = self._same(pins)
        return [*{same[spec]: spec for spec in self.members}]

    def _same(self, pins: Sequence[Pin]) -> Mapping[Handle, Handle]:
        """For each spec the first that cannot be told apart from it."""
        own, shared = self._own(pins)
        often = Counter(own.values())
        hidden = _hidden(pins)
        same: dict[Handle, Handle] = {}
        first: dict[Key, Handle] = {}
        for spec in self._order:
            key = own[spec]
            if often[key] == 1 or not self._known.is_described(spec):
                same[spec] = spec
                continue
            edges = self._known.edges(spec).items()
            names = shared.get(key)
            needs = frozenset(
                hidden(self._known, end, token) or (same.get(end, end), token)
                for end, token in edges
                if names is None or self.package(end) in names
            )
            same[spec] = first.setdefault((key, needs), spec)
        return same

    def _own(self, pins: Sequence[Pin]) -> tuple[dict[Handle, Key], dict[Key, set[str]]]:
        """What each spec says of itself, as far as it is not pinned.

        And for those of pinned packages the packages that all of the same key need: what only some
        of them need may follow from what is pinned.
        """
        by_package: dict[str | None, list[Pin]] = defaultdict(list)
        for pin in pins:
            by_package[pin.package].append(pin)
        everywhere = by_package.pop(None, [])
        own: dict[Handle, Key] = {}
        shared: dict[Key, set[str]] = {}
        for spec in self._order:
            package = self.package(spec)
            of_spec = by_package.get(package, []) + everywhere if by_package or everywhere else []
            key = self._key(spec, of_spec)
            own[spec] = key
            if package in by_package:
                needed = {*map(self.package, self._known.edges(spec))}
                shared[key] = shared.get(key, needed) & needed
        return own, shared

    def _key(self, spec: Handle, pins: Sequence[Pin]) -> Key:
        own = self._known.own(spec)
        twin = self._twins.get(spec, 0)
        if not pins:
            return own, twin
        said = [*own]
        variants = {pin.attribute for pin in pins if pin.kind == "variant"}
        flags = {pin.attribute for pin in pins if pin.kind == "flag"}
        for pin in pins:
            for name in _LEFT_OUT[pin.attribute if pin.kind == "os" else pin.kind]:
                said[_PLACES[name]] = None
        if any(pin.kind == "version" for pin in pins):
            said[_PLACES["variants"]] = None
        elif variants:
            said[_PLACES["variants"]] = self._without(spec, "variants", variants)
        if flags:
            said[_PLACES["flags"]] = self._without(spec, "flags", flags)
        return tuple(said), twin

    def _without(self, spec: Handle, name: str, names: set[str]) -> tuple[str, ...]:
        """The variants or flags of a spec but those with the names."""
        texts = self._known.text(spec, _PLACES[name]) or ()
        return tuple(text for text in texts if variant_name(text) not in names)


def _hidden(pins: Sequence[Pin]) -> Callable[[Facts, Handle, Any], Key | None]:
    """What gives, for a dependency of which it does not matter which one it is, what it is for."""
    virtuals = {pin.attribute for pin in pins if pin.kind == "provider"}
    if any(pin.kind == "compiler" and pin.package is None for pin in pins):
        virtuals.update(LANGUAGES)

    def hidden(known: Facts, end: Handle, token: Any) -> Key | None:
        if not virtuals:
            return None
        if "c" in virtuals and known.package(end) in RUNTIME:
            return "runtime", known.package(end)
        provided = virtuals.intersection(known.use_of(token).virtuals)
        return ("virtual", *sorted(provided)) if provided else None

    return hidden
