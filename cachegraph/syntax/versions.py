"""Versions as Spack orders them, and the ranges and lists of versions in a spec.

``3.2`` is the range of all versions that begin with 3.2, ``=3.2`` that version alone. Names of
branches such as develop are newer than any number, other words older; alpha, beta and rc come
before the release.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

# Names of branches, oldest first; each is newer than all numbers.
_BRANCHES = ("stable", "nightly", "trunk", "head", "master", "main", "develop")
_STAGES = {"alpha": 0, "beta": 1, "rc": 2, "final": 3}
_RELEASED = _STAGES["final"]
_TEXT, _NUMBER, _BRANCH, _BEYOND_ALL = range(4)

# Python parses numbers of at most 4,300 digits; a longer one counts as text.
_LONGEST_NUMBER = 4_000

_segments = re.compile(r"[0-9]+|[a-zA-Z]+").findall
_is_commit = re.compile(r"[0-9a-fA-F]{40}").fullmatch

Part: TypeAlias = tuple[int, int, str]


class Version(NamedTuple):
    """A version that compares as in Spack."""

    parts: tuple[Part, ...]
    stage: tuple[int, ...]
    """The stage of release, the final one last; then the number of an alpha, beta or rc."""


_OLDEST = Version((), (_STAGES["alpha"],))
_AFTER_ALL = Version(((_BEYOND_ALL, 0, ""),), (_RELEASED,))


class ConcreteVersion(NamedTuple):
    """The version of a concrete spec; for a git reference the version that it stands for."""

    version: Version | None
    reference: str | None = None


class ExactVersion(NamedTuple):
    """One version alone."""

    version: Version

    def contains(self, concrete: ConcreteVersion) -> bool:
        """Whether it is this version; a git reference that stands for it is not."""
        return concrete.reference is None and concrete.version == self.version


class VersionRange(NamedTuple):
    """The versions from ``first`` up to but not including ``end``."""

    first: Version
    end: Version

    def contains(self, concrete: ConcreteVersion) -> bool:
        """Whether the version is in the range."""
        return concrete.version is not None and self.first <= concrete.version < self.end


class GitReference(NamedTuple):
    """A git reference; with ``of``, only if it stands for such a version."""

    name: str
    of: ExactVersion | VersionRange | None

    def contains(self, concrete: ConcreteVersion) -> bool:
        """Whether it is this reference."""
        is_it = concrete.reference == self.name
        return is_it and (self.of is None or self.of.contains(ConcreteVersion(concrete.version)))


Choice: TypeAlias = ExactVersion | VersionRange | GitReference


class Versions(NamedTuple):
    """The versions after the ``@`` of a spec; a version fits if one of the choices contains it."""

    text: str
    choices: tuple[Choice, ...]

    @classmethod
    def of(cls, text: str) -> "Versions":
        """Parses ``1.2``, ``=1.2``, ``1.2:1.4``, ``git.REF=1.2``, or several with commas.

        ValueError if they are not versions.
        """
        text = re.sub(r"\s+", "", text)
        return cls(text, tuple(_choices(text)))

    def overlap(self, other: "Versions") -> bool:
        """Whether some version is one of these and one of the others."""
        return any(_overlap(one, two) for one in self.choices for two in other.choices)

    def fits(self, version: str | None) -> bool:
        """Whether the version of a concrete spec is one of these."""
        concrete = None if version is None else parse_concrete_version(version)
        return concrete is not None and any(choice.contains(concrete) for choice in self.choices)


@lru_cache(maxsize=1 << 12)
def parse_version(text: str) -> Version:
    """The version as a value that compares as in Spack."""
    segments = _segments(text)
    stage: tuple[int, ...] = (_RELEASED,)
    # A version that consists only of alpha, beta or rc is a word like any other.
    if segments[1:-1] and segments[-2] in _STAGES and segments[-1].isdigit():
        stage = _STAGES[segments[-2]], int(segments[-1])
        del segments[-2:]
    elif segments[1:] and segments[-1] in _STAGES:
        stage = (_STAGES[segments.pop()],)
    return Version(tuple(map(_part, segments)), stage)


def parse_concrete_version(text: str) -> ConcreteVersion:
    """Parses a concrete version: ``1.2``, ``git.REF=1.2``, ``COMMIT=1.2`` or ``COMMIT``."""
    reference, _, version = text.partition("=")
    if version or _is_reference(text):
        concrete = parse_version(version) if version else None
        return ConcreteVersion(concrete, reference.removeprefix("git."))
    return ConcreteVersion(parse_version(text))


def _overlap(one: Choice, other: Choice) -> bool:
    if isinstance(one, VersionRange) and isinstance(other, VersionRange):
        return one.first < other.end and other.first < one.end
    if isinstance(one, ExactVersion):
        return other.contains(ConcreteVersion(one.version))
    return one == other or (isinstance(other, ExactVersion) and _overlap(other, one))


def _choices(text: str) -> Iterator[Choice]:
    for choice in text.split(","):
        is_exact = choice.startswith("=")
        bare = choice.removeprefix("=")
        if not all(map(_segments, filter(None, re.split("[:=]", bare)))):
            raise ValueError(f"{choice} is not a version")
        if _is_reference(bare):
            name, _, version = bare.partition("=")
            of: ExactVersion | VersionRange | None = None
            if version:
                of = _range(version) if ":" in version else ExactVersion(parse_version(version))
            yield GitReference(name.removeprefix("git."), of)
        elif "=" in bare:
            raise ValueError("a version has = only before it, or after git.REF")
        elif is_exact and ":" in bare:
            raise ValueError("a range has no =")
        else:
            yield ExactVersion(parse_version(bare)) if is_exact else _range(bare)


def _range(text: str) -> VersionRange:
    low, colon, high = text.partition(":")
    high = high if colon else low
    first = parse_version(low) if low else _OLDEST
    end = _next_version(parse_version(high)) if high else _AFTER_ALL
    if end <= first:
        raise ValueError(f"the range {text} is empty")
    return VersionRange(first, end)


def _is_reference(text: str) -> bool:
    return text.startswith("git.") or _is_commit(text.partition("=")[0]) is not None


def _part(segment: str) -> Part:
    if segment.isdigit() and len(segment) < _LONGEST_NUMBER:
        return _NUMBER, int(segment), ""
    if segment in _BRANCHES:
        return _BRANCH, _BRANCHES.index(segment), ""
    return _TEXT, 0, segment


def _next_version(version: Version) -> Version:
    """The first version after this one and all that begin with it."""
    parts, (stage, *number) = version
    if stage != _RELEASED:
        return Version(parts, (stage, number[0] + 1 if number else 0))
    kind, value, text = parts[-1]
    last = (kind, 0, _next_text(text)) if kind == _TEXT else (kind, value + 1, "")
    return Version((*parts[:-1], last), version.stage)


def _next_text(text: str) -> str:
    """The next text in the order of letters, capitals first; never the name of a branch."""
    head, last = text[:-1], text[-1]
    following = f"{text}A" if last == "z" else head + ("a" if last == "Z" else chr(ord(last) + 1))
    return _next_text(following) if following in _BRANCHES else following
