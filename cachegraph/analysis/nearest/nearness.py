"""How near a spec comes to a wanted one: in what it differs, and whether it runs there."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.errors import UsageError
from cachegraph.syntax.pattern import ANY

if TYPE_CHECKING:
    from cachegraph.syntax import Pattern

# What may differ, that which changes a build most first: by this candidates are ranked.
SEVERITY = ("hash", "version", "namespace", "variant", "flag", "dependency", "compiler", "target")
_RUNS, _OTHER_TARGET, _OTHER_OS, _OTHER_PLATFORM = range(4)
_FAR = 1 << 8
_PARTS = ("platform", "os", "target")

Row = Mapping[str, Any]


class Mismatch(NamedTuple):
    """One thing in which a spec differs from a wanted one; ``weight`` is by how much."""

    what: str
    wanted: str
    found: str | None
    weight: int = 1


class Nearness(NamedTuple):
    """How near a spec comes to a wanted one."""

    obstacle: int
    """0 if it runs where it is wanted, else more the less it can: by target, OS, platform."""
    weights: tuple[int, ...]
    """The sum of the weights of its mismatches, for each kind of ``SEVERITY``."""
    mismatches: tuple[Mismatch, ...]

    @property
    def order(self) -> tuple[int, tuple[int, ...]]:
        """The value by which specs are ranked, the least first."""
        return self.obstacle, self.weights

    @property
    def runs(self) -> bool:
        """Whether it runs on the platform, OS and target that are wanted, if any."""
        return self.obstacle == _RUNS


class Arch(NamedTuple):
    """Where a binary is to run; None where that does not matter.

    ``*`` is anything that is known. A target may be a range.
    """

    platform: str | None = None
    os: str | None = None
    target: str | None = None
    built_for: str | None = None
    """Another target that it may be built for without a mismatch, if it runs on ``target``."""

    @classmethod
    def parse(cls, text: str) -> "Arch":
        """From ``platform-os-target``; a part may be ``*`` or the word None. UsageError."""
        parts = text.split("-", 2)
        if len(parts) != len(_PARTS) or not all(parts):
            raise UsageError(f"{text} is not platform-os-target", "as in linux-ubuntu22.04-zen3")
        return cls(*(None if part == "None" else part for part in parts))

    def with_spec(self, pattern: "Pattern") -> "Arch":
        """With the parts that a spec names as well; UsageError where they contradict each other."""
        target = pattern.target.text if pattern.target else None
        named = dict(zip(_PARTS, (pattern.platform, pattern.os, target), strict=True))
        merged = []
        for name, value in named.items():
            own = getattr(self, name)
            if own not in (None, ANY) and value not in (None, ANY, own):
                message = f"{pattern.text} asks for the {name} {value}, --on for {own}"
                raise UsageError(message, "give it only once")
            merged.append(own or value if value in (None, ANY) else value)
        return Arch(*merged)

    def parts(self) -> dict[str, str]:
        """The platform, OS and target that are not None, by name."""
        named = zip(_PARTS, self, strict=False)
        return {name: value for name, value in named if value is not None}

    @property
    def text(self) -> str:
        """The form that Spack writes: ``platform-os-target``."""
        return f"{self.platform}-{self.os}-{self.target}"

    def mismatches(self, row: Row) -> tuple[int, list[Mismatch]]:
        """The obstacle to running a spec here, and in what its platform, OS and target differ."""
        found = []
        obstacle = _RUNS
        for name, level in (("platform", _OTHER_PLATFORM), ("os", _OTHER_OS)):
            wanted, own = getattr(self, name), row.get(name)
            if wanted not in (None, own) and (wanted != ANY or own is None):
                found.append(Mismatch(name, wanted, own))
                obstacle = max(obstacle, level)
        target = row.get("target")
        if self.target is not None and (distance := _distance(self.target, target)):
            if distance == _FAR or target != self.built_for:
                found.append(Mismatch("target", self.target, target, distance))
            obstacle = max(obstacle, _OTHER_TARGET if distance == _FAR else _RUNS)
        return obstacle, found


def nearness(own: Iterable[Mismatch], arch: Arch, row: Row) -> Nearness:
    """How near a spec comes to a wanted one on ``arch``; ``own`` are its other mismatches."""
    obstacle, there = arch.mismatches(row)
    # An older target, which runs, is the least that can differ.
    mismatches = [*own, *there] if obstacle == _RUNS else [*there, *own]
    weights = dict.fromkeys(SEVERITY, 0)
    for one in mismatches:
        if one.what in weights:
            weights[one.what] += one.weight
    return Nearness(obstacle, tuple(weights.values()), tuple(mismatches))


@lru_cache(maxsize=1 << 12)
def _distance(wanted: str, found: str | None) -> int:
    """How much older a target is than the wanted one; far when binaries for it do not run there."""
    if found is None or found == wanted:
        return _FAR if found is None else 0
    from cachegraph.model.target import compatible_targets
    from cachegraph.syntax import Target

    if Target(wanted).fits(found):
        return 0
    older = [compatible_targets(one) or [] for one in wanted.split(",")]
    return min((names.index(found) + 1 for names in older if found in names), default=_FAR)
