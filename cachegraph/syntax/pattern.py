"""The parsed form of a spec in Spack's syntax, and whether a concrete spec fits it."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from operator import eq
from typing import Any, NamedTuple

from cachegraph.model.spec import LANGUAGES, variant_name
from cachegraph.syntax.compilers import COMPILERS, names_before_and_since_1_0
from cachegraph.syntax.versions import Versions

ANY = "*"
ON_OFF: dict[str, bool | tuple[str, ...]] = {"true": True, "false": False}


class Variant(NamedTuple):
    """A variant with a value: on or off, or values that the spec must have among its own."""

    name: str
    value: bool | tuple[str, ...]
    exact: bool = False
    """Whether the spec must have no other values, as ``:=`` requires."""
    propagated: bool = False
    """Whether all dependencies that have the variant must have this value too."""

    def fits(self, variants: Iterable[str] | None) -> bool:
        """Whether the variants of a spec, in normal form, have this value."""
        return self._allows(self._value_in(variants))

    def is_contradicted_by(self, variants: Iterable[str] | None) -> bool:
        """Whether the variants of a spec have another value."""
        value = self._value_in(variants)
        return value is not None and not self._allows(value)

    def _value_in(self, variants: Iterable[str] | None) -> bool | tuple[str, ...] | None:
        """The value that a spec has for the variant; None if it does not have the variant."""
        return dict(map(_name_and_value, variants or ())).get(self.name)

    def _allows(self, value: bool | tuple[str, ...] | None) -> bool:
        if value is None or self.value == (ANY,):
            return value is not None
        if isinstance(self.value, bool):
            return value is self.value
        if isinstance(value, bool):
            return False
        if self.exact:
            return {*self.value} == {*value}
        if self.name == "patches":
            return all(any(patch.startswith(sha) for patch in value) for sha in self.value)
        return {*self.value} <= {*value}


class Flag(NamedTuple):
    """Compiler flags of one kind, such as cflags, that the spec must have among its own."""

    name: str
    words: tuple[str, ...]

    def fits(self, flags: Iterable[str] | None) -> bool:
        """Whether the flags of a spec include these; from pages they are unknown, and do not."""
        if flags is None:
            return False
        value = dict(text.split("=", 1) for text in flags).get(self.name, "")
        return {*self.words} <= {*value.split()}


class Target(NamedTuple):
    """Target microarchitectures: names, or ranges by which binaries run on which target."""

    text: str

    def fits(self, target: str | None) -> bool:
        """Whether a target is one of these."""
        return target is not None and any(_is_target(target, one) for one in self.text.split(","))


class DependencyPattern(NamedTuple):
    """A dependency that a spec must have."""

    pattern: "Pattern"
    virtuals: tuple[str, ...] = ()
    """Virtual packages that it must provide to the spec, such as mpi or c."""
    deptypes: tuple[str, ...] = ()
    """Deptypes that it must have, of build, link, run, test."""

    @property
    def names(self) -> frozenset[str]:
        """The names of packages that fit: of a compiler, that before and that since Spack 1.0."""
        name = self.pattern.name
        return names_before_and_since_1_0(name) if name else frozenset()

    @property
    def as_before_1_0(self) -> "tuple[DependencyPattern, Pattern] | None":
        """The compiler and the pattern of the spec itself, as Spack before 1.0 reads them.

        In fftw%gcc@12+mpi, as in many recorded requests, +mpi belongs to gcc since Spack 1.0, and
        before it belonged to fftw. None where both read it alike.
        """
        own = self.pattern._replace(text="", name=None, versions=None)
        if own == Pattern() or own.hash or own.namespace or not self.names & COMPILERS:
            return None
        compiler = Pattern(name=self.pattern.name, versions=self.pattern.versions)
        return self._replace(pattern=compiler), own

    def is_compiler(self, compiler: str | None, languages: Iterable[str] | None = None) -> bool:
        """Whether the compiler of a spec, as name@version, fits this direct dependency.

        Without languages, which old specs do not record, it counts as compiling all. Of such a
        compiler only name and version are known: it fits no other condition.
        """
        name, _, version = (compiler or "").partition("@")
        if not name or not self.pattern.is_name_and_versions:
            return False
        versions = self.pattern.versions
        return (
            (not self.names or name in self.names)
            and (versions is None or versions.fits(version))
            and {*self.virtuals} <= {*(languages or LANGUAGES)}
            and {*self.deptypes} <= {"build"}
        )


class Pattern(NamedTuple):
    """An abstract spec as users write it; None and empty where it has no condition."""

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
    direct: tuple[DependencyPattern, ...] = ()
    """After each %: direct dependencies, or the compiler of old specs."""
    dependencies: tuple[DependencyPattern, ...] = ()
    """After each ^: dependencies at any depth."""

    def fits(self, spec: Mapping[str, Any]) -> bool:
        """Whether the properties of a spec fit; dependencies and compilers are not tested."""
        return all(fits(spec.get(name)) for name, fits in self.conditions().items())

    def conditions(self) -> dict[str, Callable[[Any], bool]]:
        """By property of a spec, the function that tests its value; only for tested properties.

        Propagated variants, ``++name``, concern the dependencies too and are not among them.
        """
        variants = [variant for variant in self.variants if not variant.propagated]
        equal = {"package": self.name, "namespace": self.namespace, "platform": self.platform}
        conditions: dict[str, Callable[[Any], bool]] = {
            name: partial(eq, value)
            for name, value in {**equal, "os": self.os}.items()
            if value is not None
        }
        if (prefix := self.hash) is not None:
            conditions["hash"] = lambda value: value is not None and value.startswith(prefix)
        if self.versions is not None:
            conditions["version"] = self.versions.fits
        if self.target is not None:
            conditions["target"] = self.target.fits
        if variants:
            conditions["variants"] = lambda value: all(one.fits(value) for one in variants)
        if self.flags:
            conditions["flags"] = lambda value: all(flag.fits(value) for flag in self.flags)
        return conditions

    @property
    def is_without_dependencies(self) -> bool:
        """Whether the properties of a spec are enough to test it, without its dependencies."""
        propagated = any(variant.propagated for variant in self.variants)
        return not (self.direct or self.dependencies or propagated)

    @property
    def is_name_and_versions(self) -> bool:
        """Whether its only conditions are on name and version, or it has none."""
        return self == Pattern(self.text, self.name, versions=self.versions)


@lru_cache(maxsize=1 << 14)
def _name_and_value(variant: str) -> tuple[str, bool | tuple[str, ...]]:
    name = variant_name(variant)
    if variant[0] in "+~":
        return name, variant[0] == "+"
    value = variant[len(name) + 1 :]
    return name, ON_OFF.get(value.lower(), tuple(value.split(",")))


def _is_target(target: str, name_or_range: str) -> bool:
    low, colon, high = name_or_range.removeprefix("=").partition(":")
    if not colon:
        return target == low
    from cachegraph.model.target import is_in_range

    return is_in_range(target, low, high)
