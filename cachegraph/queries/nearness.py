"""How near a spec that there is comes to one that is wanted: what differs, and whether it runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cachegraph.errors import UsageError

if TYPE_CHECKING:
    from cachegraph.syntax import Flag, Needs, Pattern, Variant, Versions

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

    def steps(self, row: Row, lacking: Iterable["Needs"] = ()) -> Iterator[Step]:
        """In what a spec differs; ``lacking`` are dependencies that it was asked for in vain."""


def nearness(wanted: Wanted, arch: Arch, row: Row, lacking: Iterable["Needs"] = ()) -> Nearness:
    """How near a spec comes."""
    place, steps = arch.steps(row)
    steps += wanted.steps(row, lacking)
    weights = dict.fromkeys(SEVERITY, 0)
    for step in steps:
        if step.what in weights:
            weights[step.what] += step.weight
    return Nearness(place, tuple(weights.values()), tuple(steps))


class Asked(NamedTuple):
    """A spec as people write it."""

    pattern: "Pattern"

    def steps(self, row: Row, lacking: Iterable["Needs"] = ()) -> Iterator[Step]:
        """In what a spec differs."""
        pattern = self.pattern
        if pattern.hash is not None and not row["hash"].startswith(pattern.hash):
            yield Step("hash", f"/{pattern.hash}", f"/{row['hash']}")
        version = row.get("version")
        if pattern.versions is not None and not pattern.versions.fits(version):
            yield Step("version", pattern.versions.text, version, _apart(pattern.versions, version))
        if pattern.namespace not in (None, row.get("namespace")):
            yield Step("namespace", str(pattern.namespace), row.get("namespace"))
        yield from self._options(row)
        for needs in lacking:
            yield _lacking(pattern, needs, row)

    def _options(self, row: Row) -> Iterator[Step]:
        for variant in self.pattern.variants:
            if not variant.fits(row.get("variants")):
                found = by_name(row.get("variants")).get(variant.name)
                yield Step("variant", _variant_text(variant), found)
        for flag in self.pattern.flags:
            if not flag.fits(row.get("flags")):
                yield Step("flag", _flag_text(flag), by_name(row.get("flags")).get(flag.name))


class Copied(NamedTuple):
    """A concrete spec, such as one of a lock file."""

    row: Row

    def steps(self, row: Row, lacking: Iterable["Needs"] = ()) -> Iterator[Step]:
        """In what another spec differs, as far as it can be seen."""
        version, found = self.row.get("version"), row.get("version")
        if version not in (None, found):
            yield Step("version", str(version), found, _between(str(version), found))
        for what in ("variants", "flags"):
            # Pages know no flags.
            if self.row.get(what) is not None and row.get(what) is not None:
                yield from _changed(what[:-1], by_name(self.row[what]), by_name(row[what]))
        compiler = self.row.get("compiler")
        if compiler not in (None, row.get("compiler")):
            yield Step("compiler", str(compiler), row.get("compiler"), _family(compiler, row))


def _changed(what: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Step]:
    for name in sorted({**wanted, **found}):
        own, other = wanted.get(name), found.get(name)
        if own != other:
            yield Step(what, own or f"no {name}", other)


def by_name(texts: Iterable[str] | None) -> dict[str, str]:
    """Variants or flags in normal form, by their names."""
    return {_name(text): text for text in texts or ()}


@lru_cache(maxsize=1 << 14)
def _name(text: str) -> str:
    return text[1:] if text[0] in "+~" else text.partition("=")[0]


def _variant_text(variant: "Variant") -> str:
    if isinstance(variant.value, bool):
        return f"{'+' if variant.value else '~'}{variant.name}"
    return f"{variant.name}{':' if variant.exact else ''}={','.join(variant.value)}"


def _flag_text(flag: "Flag") -> str:
    return f"{flag.name}={' '.join(flag.words)}"


def is_compiler(needs: "Needs") -> bool:
    """Whether a dependency is a compiler, by its name in either era."""
    from cachegraph.syntax.compilers import COMPILERS

    return bool(needs.names & COMPILERS)


def _lacking(pattern: "Pattern", needs: "Needs", row: Row) -> Step:
    direct = needs in pattern.direct
    if direct and is_compiler(needs):
        compiler = row.get("compiler")
        name = (compiler or "").partition("@")[0]
        weight = 1 if name in needs.names else 2
        return Step("compiler", needs.pattern.text, compiler, weight)
    return Step("dependency", needs_text(pattern, needs), None)


def needs_text(pattern: "Pattern", needs: "Needs") -> str:
    """A dependency that a pattern asks for, as it is written there."""
    own = [f"%{other.pattern.text}" for other in needs.pattern.direct]
    sign = "%" if needs in pattern.direct else "^"
    return " ".join([f"{sign}{needs.pattern.text}", *own])


def _family(compiler: Any, row: Row) -> int:
    """1 for another version of the compiler, 2 for another compiler."""
    found = row.get("compiler") or ""
    return 1 if found.partition("@")[0] == str(compiler).partition("@")[0] else 2


_LONGEST = 16


def _apart(versions: "Versions", found: str | None) -> int:
    """How far a version is from the nearest end of the ranges that are wanted."""
    import re

    ends = filter(None, re.split(r"[:,]", versions.text.replace("=", "")))
    return min((_between(end, found) for end in ends), default=_LONGEST)


@lru_cache(maxsize=1 << 14)
def _between(wanted: str, found: str | None) -> int:
    """How far two versions are apart: the less, the more they begin alike."""
    from cachegraph.syntax.versions import ordered

    alike = 0
    for left, right in zip(ordered(wanted).parts, ordered(found or "").parts, strict=False):
        if left != right:
            break
        alike += 1
    return _LONGEST - min(alike, _LONGEST - 1)


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
    from cachegraph.targets import older

    places: Sequence[int] = [
        names.index(found) + 1
        for names in map(older, wanted.split(","))
        if names is not None and found in names
    ]
    return min(places, default=_FAR)
