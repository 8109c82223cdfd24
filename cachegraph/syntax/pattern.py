"""What a spec in Spack's syntax asks for, and whether what is known of a concrete spec fits."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from operator import eq
from typing import Any, NamedTuple

from cachegraph.model.spec import LANGUAGES, variant_name
from cachegraph.syntax.compilers import COMPILERS, names_of
from cachegraph.syntax.versions import Versions

ANY = "*"
_TRUTHS = {"true": True, "false": False}


class Variant(NamedTuple):
    """A variant with a value: on or off, or texts of which the spec has at least these."""

    name: str
    value: bool | tuple[str, ...]
    exact: bool = False
    """Whether the spec may have no other values, as ``:=`` says."""
    propagated: bool = False
    """Whether all that the spec depends on must have it too, where it has the variant at all."""

    def fits(self, variants: Iterable[str] | None) -> bool:
        """Whether the variants of a spec, in normal form, have it."""
        return self.allows(dict(map(_valued, variants or ())).get(self.name))

    def denied(self, variants: Iterable[str] | None) -> bool:
        """Whether the variants of a spec have it with another value."""
        found = dict(map(_valued, variants or ())).get(self.name)
        return found is not None and not self.allows(found)

    def allows(self, found: bool | tuple[str, ...] | None) -> bool:
        """Whether the value that a spec has for the variant fits; None is no such variant."""
        if found is None or self.value == (ANY,):
            return found is not None
        if isinstance(self.value, bool):
            return found is self.value
        if isinstance(found, bool):
            return False
        if self.exact:
            return {*self.value} == {*found}
        if self.name == "patches":
            return all(any(one.startswith(sha) for one in found) for sha in self.value)
        return {*self.value} <= {*found}


class Flag(NamedTuple):
    """Compiler flags of one kind, such as cflags, which the spec has, perhaps among others."""

    name: str
    words: tuple[str, ...]

    def fits(self, flags: Iterable[str] | None) -> bool:
        """Whether the flags of a spec have them; of pages they are not known."""
        if flags is None:
            return False
        found = dict(text.split("=", 1) for text in flags).get(self.name, "")
        return {*self.words} <= {*found.split()}


class Target(NamedTuple):
    """Microarchitectures: by name, or as ranges of those that run what another is built for."""

    text: str

    def fits(self, target: str | None) -> bool:
        """Whether a target is one of these."""
        return target is not None and any(_is_target(target, one) for one in self.text.split(","))


class Needs(NamedTuple):
    """A dependency that a spec must have."""

    pattern: "Pattern"
    virtuals: tuple[str, ...] = ()
    """Virtual packages that it must be needed for, such as mpi or c."""
    deptypes: tuple[str, ...] = ()
    """Types that it must have, of build, link, run, test."""

    @property
    def names(self) -> frozenset[str]:
        """The names that it may have: those of a compiler in both eras."""
        return names_of(self.pattern.name) if self.pattern.name else frozenset()

    @property
    def before_1_0(self) -> "tuple[Needs, Pattern] | None":
        """Of a compiler with more than versions: the compiler, and what is asked of the spec.

        Since Spack 1.0 what follows %gcc is asked of gcc. Before, it was of the spec itself: so it
        is in many a recorded request, as in fftw%gcc@12+mpi.
        """
        own = self.pattern._replace(text="", name=None, versions=None)
        if own == Pattern() or own.hash or own.namespace or not self.names & COMPILERS:
            return None
        return self._replace(
            pattern=Pattern(name=self.pattern.name, versions=self.pattern.versions)
        ), own

    def is_compiler(self, compiler: str | None, languages: Iterable[str] | None = None) -> bool:
        """Whether a compiler, as name@version, that built a spec is this direct dependency.

        What it compiled is not known of old specs; then it compiled all. A compiler has but a
        name and a version: nothing else can be asked of it.
        """
        name, _, version = (compiler or "").partition("@")
        if not name or not self.pattern.is_plain or (self.names and name not in self.names):
            return False
        versions = self.pattern.versions
        return (
            (versions is None or versions.fits(version))
            and {*self.virtuals} <= {*(languages or LANGUAGES)}
            and {*self.deptypes} <= {"build"}
        )


class Pattern(NamedTuple):
    """A spec as people write it; None and empty are what it says nothing of."""

    text: str = ""
    name: str | None = None
    namespace: str | None = None
    hash: str | None = None
    """The beginning of the DAG hash, in lower case."""
    versions: Versions | None = None
    variants: tuple[Variant, ...] = ()
    flags: tuple[Flag, ...] = ()
    platform: str | None = None
    os: str | None = None
    target: Target | None = None
    direct: tuple[Needs, ...] = ()
    """What comes after each %: direct dependencies, and the compiler of old specs."""
    dependencies: tuple[Needs, ...] = ()
    """What comes after each ^: dependencies at any depth."""

    def fits(self, spec: Mapping[str, Any]) -> bool:
        """Whether the properties of a spec fit; of dependencies and compilers they say nothing."""
        return all(judge(spec.get(name)) for name, judge in self.judges().items())

    def judges(self) -> dict[str, Callable[[Any], bool]]:
        """For each property of a spec that the pattern asks for, what tells whether a value fits.

        What is propagated, ``++name``, is for the dependencies as well, and not among these.
        """
        own = [variant for variant in self.variants if not variant.propagated]
        judges: dict[str, Callable[[Any], bool]] = {
            name: partial(eq, value)
            for name, value in (
                ("package", self.name),
                ("namespace", self.namespace),
                ("platform", self.platform),
                ("os", self.os),
            )
            if value is not None
        }
        if self.hash is not None:
            start = self.hash
            judges["hash"] = lambda known: known is not None and known.startswith(start)
        if self.versions is not None:
            judges["version"] = self.versions.fits
        if self.target is not None:
            judges["target"] = self.target.fits
        if own:
            judges["variants"] = lambda known: all(variant.fits(known) for variant in own)
        if self.flags:
            judges["flags"] = lambda known: all(flag.fits(known) for flag in self.flags)
        return judges

    @property
    def is_own(self) -> bool:
        """Whether all that it asks for is of the spec itself, and nothing of what that needs."""
        propagated = any(variant.propagated for variant in self.variants)
        return not (self.direct or self.dependencies or propagated)

    @property
    def is_plain(self) -> bool:
        """Whether it is a name, perhaps with versions, and nothing else."""
        return self == Pattern(self.text, self.name, versions=self.versions)


@lru_cache(maxsize=1 << 14)
def _valued(variant: str) -> tuple[str, bool | tuple[str, ...]]:
    """A variant in normal form as its name and its value."""
    name = variant_name(variant)
    if variant[0] in "+~":
        return name, variant[0] == "+"
    value = variant[len(name) + 1 :]
    return name, _TRUTHS.get(value.lower(), tuple(value.split(",")))


def truth(value: str) -> bool | None:
    """What is meant by the value of a variant that is on or off; None of another."""
    return _TRUTHS.get(value.lower())


def _is_target(target: str, wanted: str) -> bool:
    low, colon, high = wanted.removeprefix("=").partition(":")
    if not colon:
        return target == low
    from cachegraph.model.target import is_in_range

    return is_in_range(target, low, high)
