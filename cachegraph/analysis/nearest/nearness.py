"""How near a spec that there is comes to one that is wanted: what differs, and whether it runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cachegraph.errors import UsageError

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Pattern, Variant

# What may differ, that which changes a build most first: by this candidates are ranked.
SEVERITY = (
    "hash",
    "version",
    "namespace",
    "variant",
    "flag",
    "dependency",
    "compiler",
    "target",
)
_RUNS, _OTHER_TARGET, _OTHER_OS, _OTHER_PLATFORM = range(4)
_FAR = 1 << 8
_PLACES = ("platform", "os", "target")

Row = Mapping[str, Any]


class Step(NamedTuple):
    """One thing in which a candidate differs; ``weight`` is how far it is away."""

    what: str
    wanted: str
    found: str | None
    weight: int = 1


class Nearness(NamedTuple):
    """How near a candidate is: the less the nearer."""

    place: int
    weights: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def order(self) -> tuple[int, tuple[int, ...]]:
        """What candidates are ranked by."""
        return self.place, self.weights

    @property
    def runs(self) -> bool:
        """Whether it runs where it is wanted, as far as that was said."""
        return self.place == _RUNS


class Arch(NamedTuple):
    """Where a binary is to run; None where that does not matter. A target may be a range."""

    platform: str | None = None
    os: str | None = None
    target: str | None = None
    built_for: str | None = None
    """Another target that it may be built for, if it runs here."""

    @classmethod
    def of(cls, text: str) -> "Arch":
        """From ``platform-os-target``, of which a part may be None; UsageError else."""
        parts = text.split("-", 2)
        if len(parts) != len(_PLACES) or not all(parts):
            raise UsageError(f"{text} is not platform-os-target", "as in linux-ubuntu22.04-zen3")
        return cls(*(None if part == "None" else part for part in parts))

    def with_spec(self, pattern: "Pattern") -> "Arch":
        """With what a spec says as well; UsageError where they contradict each other."""
        target = pattern.target.text if pattern.target else None
        found = dict(zip(_PLACES, (pattern.platform, pattern.os, target), strict=True))
        for name, value in found.items():
            own = getattr(self, name)
            if own is not None and value not in (None, own):
                raise UsageError(
                    f"{pattern.text} asks for the {name} {value}, --on for {own}",
                    "say it in one of them",
                )
        return Arch(*(found[name] or getattr(self, name) for name in _PLACES))

    def said(self) -> dict[str, str]:
        """Its parts that are said, by name."""
        found = {name: getattr(self, name) for name in _PLACES}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def text(self) -> str:
        """As Spack writes it."""
        return f"{self.platform}-{self.os}-{self.target}"

    def steps(self, row: Row) -> tuple[int, list[Step]]:
        """Whether a spec runs here, as a number, and in what its place differs."""
        steps = []
        place = _RUNS
        for name, level in (("platform", _OTHER_PLATFORM), ("os", _OTHER_OS)):
            wanted, found = getattr(self, name), row.get(name)
            if wanted not in (None, found):
                steps.append(Step(name, wanted, found))
                place = max(place, level)
        found = row.get("target")
        if self.target is not None and (distance := _distance(self.target, found)):
            if distance == _FAR or found != self.built_for:
                steps.append(Step("target", self.target, found, distance))
            place = max(place, _OTHER_TARGET if distance == _FAR else _RUNS)
        return place, steps


class Wanted(Protocol):
    """What is wanted, besides where it is to run."""

    def steps(
        self, row: Row, lacking: Iterable["DependencyPattern | Variant"] = ()
    ) -> Iterator[Step]:
        """In what a spec differs; ``lacking`` is what its dependencies were asked for in vain."""


def nearness(
    wanted: Wanted, arch: Arch, row: Row, lacking: Iterable["DependencyPattern | Variant"] = ()
) -> Nearness:
    """How near a spec comes."""
    place, there = arch.steps(row)
    other = [*wanted.steps(row, lacking)]
    # An older target, which runs, is the least that can differ.
    steps = other + there if place == _RUNS else there + other
    weights = dict.fromkeys(SEVERITY, 0)
    for step in steps:
        if step.what in weights:
            weights[step.what] += step.weight
    return Nearness(place, tuple(weights.values()), tuple(steps))


@lru_cache(maxsize=1 << 12)
def _distance(wanted: str, found: str | None) -> int:
    """How much older a target is than that which is wanted; far when it does not run there."""
    if found is None:
        return _FAR
    if found == wanted:
        return 0
    from cachegraph.syntax import Target

    if Target(wanted).fits(found):
        return 0
    from cachegraph.model.target import compatible_targets

    places: Sequence[int] = [
        names.index(found) + 1
        for names in map(compatible_targets, wanted.split(","))
        if names is not None and found in names
    ]
    return min(places, default=_FAR)
