"""What Spack means by versions: their order, and which of them a range or a list holds.

``3.2`` is the range of all that begins with 3.2, ``=3.2`` is that version alone. A word such as
develop is newer than any number, another word older; alpha, beta and rc come before the release.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

# Names of branches, from the oldest to the newest: each is newer than all numbers.
_BRANCHES = ("stable", "nightly", "trunk", "head", "master", "main", "develop")
_STAGES = {"alpha": 0, "beta": 1, "rc": 2, "final": 3}
_RELEASED = _STAGES["final"]
_TEXT, _NUMBER, _BRANCH, _BEYOND = range(4)

# Python reads no number of more than 4,300 digits; a longer one is a text.
_LONGEST = 4_000

_segments = re.compile(r"[0-9]+|[a-zA-Z]+").findall
_is_commit = re.compile(r"[0-9a-fA-F]{40}").fullmatch

Part: TypeAlias = tuple[int, int, str]


class Version(NamedTuple):
    """A version that sorts as Spack sorts it."""

    parts: tuple[Part, ...]
    stage: tuple[int, ...]
    """How far it is from the release, which is last; after it the number of an alpha, beta, rc."""


OLDEST = Version((), (_STAGES["alpha"],))
BEYOND = Version(((_BEYOND, 0, ""),), (_RELEASED,))


class Stored(NamedTuple):
    """A version as a concrete spec has it: perhaps a git reference, and what that stands for."""

    version: Version | None
    reference: str | None = None


class Exact(NamedTuple):
    """One version alone."""

    version: Version

    def holds(self, stored: Stored) -> bool:
        """Whether it is this version; a git reference that stands for it is another."""
        return stored.reference is None and stored.version == self.version


class Span(NamedTuple):
    """All versions from the first up to, but without, the one after."""

    first: Version
    after: Version

    def holds(self, stored: Stored) -> bool:
        """Whether the version is inside."""
        return stored.version is not None and self.first <= stored.version < self.after


class Reference(NamedTuple):
    """A git reference, perhaps only where it stands for certain versions."""

    name: str
    of: Exact | Span | None

    def holds(self, stored: Stored) -> bool:
        """Whether it is this reference."""
        if stored.reference != self.name:
            return False
        return self.of is None or self.of.holds(Stored(stored.version))


class Versions(NamedTuple):
    """What comes after the ``@`` of a spec: a version fits when one of the choices holds it."""

    text: str
    choices: tuple[Exact | Span | Reference, ...]

    @classmethod
    def of(cls, text: str) -> "Versions":
        """From ``1.2``, ``=1.2``, ``1.2:1.4``, ``git.REF=1.2`` or several of them with commas.

        ValueError says what is wrong.
        """
        text = re.sub(r"\s+", "", text)
        return cls(text, tuple(_choices(text)))

    def fits(self, version: str | None) -> bool:
        """Whether the version of a concrete spec is one of these."""
        if version is None:
            return False
        known = stored(version)
        return any(choice.holds(known) for choice in self.choices)


@lru_cache(maxsize=1 << 12)
def ordered(text: str) -> Version:
    """The version as a value that sorts as in Spack."""
    found = _segments(text)
    stage: tuple[int, ...] = (_RELEASED,)
    # A version that is nothing but alpha, beta or rc is a word like others.
    if found[1:-1] and found[-2] in _STAGES and found[-1].isdigit():
        stage = _STAGES[found[-2]], int(found[-1])
        del found[-2:]
    elif found[1:] and found[-1] in _STAGES:
        stage = (_STAGES[found.pop()],)
    return Version(tuple(map(_part, found)), stage)


def stored(text: str) -> Stored:
    """The version of a concrete spec: ``1.2``, ``git.REF=1.2``, ``COMMIT=1.2``, ``COMMIT``."""
    reference, _, version = text.partition("=")
    if version or _is_reference(text):
        return Stored(ordered(version) if version else None, reference.removeprefix("git."))
    return Stored(ordered(text))


def _choices(text: str) -> Iterator[Exact | Span | Reference]:
    for one in text.split(","):
        exact = one.startswith("=")
        bare = one.removeprefix("=")
        if not all(map(_segments, filter(None, re.split("[:=]", bare)))):
            raise ValueError(f"{one} is no version")
        if _is_reference(bare):
            name, _, version = bare.partition("=")
            of = (
                (_span(version) if ":" in version else Exact(ordered(version))) if version else None
            )
            yield Reference(name.removeprefix("git."), of)
        elif "=" in bare:
            raise ValueError("a version has = only before it, or after git.REF")
        elif exact and ":" in bare:
            raise ValueError("a range has no =")
        else:
            yield Exact(ordered(bare)) if exact else _span(bare)


def _span(text: str) -> Span:
    low, colon, high = text.partition(":")
    high = high if colon else low
    span = Span(ordered(low) if low else OLDEST, _after(ordered(high)) if high else BEYOND)
    if span.after <= span.first:
        raise ValueError(f"the range {text} is empty")
    return span


def _is_reference(text: str) -> bool:
    return text.startswith("git.") or _is_commit(text.partition("=")[0]) is not None


def _part(segment: str) -> Part:
    if segment.isdigit() and len(segment) < _LONGEST:
        return _NUMBER, int(segment), ""
    if segment in _BRANCHES:
        return _BRANCH, _BRANCHES.index(segment), ""
    return _TEXT, 0, segment


def _after(version: Version) -> Version:
    """The first version that neither is this one nor begins with it."""
    parts, (stage, *number) = version
    if stage != _RELEASED:
        return Version(parts, (stage, number[0] + 1 if number else 0))
    kind, value, text = parts[-1]
    last = (kind, 0, _after_text(text)) if kind == _TEXT else (kind, value + 1, "")
    return Version((*parts[:-1], last), version.stage)


def _after_text(text: str) -> str:
    """The next text of letters alone, capitals first; never the name of a branch."""
    head, last = text[:-1], text[-1]
    following = f"{text}A" if last == "z" else head + ("a" if last == "Z" else chr(ord(last) + 1))
    return _after_text(following) if following in _BRANCHES else following
