"""The parsed form of a spec in Spack's syntax, and whether a concrete spec fits it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from operator import eq
from typing import Any, NamedTuple

from cachegraph.model.spec import LANGUAGES, variant_name
from cachegraph.syntax.compilers import COMPILERS, names_before_and_since_1_0
from cachegraph.syntax.versions import Versions

ANY = "*"
ON_OFF: dict[str, bool | tuple[str, ...]] = {"true": True, "false": False}
RESERVED = frozenset(
    {"arch", "architecture", "dev_path", "namespace", "operating_system", "os", "patches"}
    | {"platform", "target"}
)
"""The names that are no variants, or variants of which dependencies cannot have the same."""


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
        """Whether a target is one of these; ``*`` is any that is known."""
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

    def fits_name(self, name: str) -> bool:
        """Whether a package or compiler of that name fits."""
        return not self.names or any(name_test(wanted)(name) for wanted in self.names)

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
            self.fits_name(name)
            and (versions is None or versions.fits(version))
            and {*self.virtuals} <= {*(languages or LANGUAGES)}
            and {*self.deptypes} <= {"build"}
        )


class VirtualVersions(NamedTuple):
    """A virtual package, and the versions of it of which a spec must provide one."""

    name: str
    versions: Versions

    def fits(self, provides: Iterable[str] | None) -> bool:
        """Whether a spec provides such a version, by its list such as ``libgfortran@5``."""
        for text in provides or ():
            name, _, versions = text.partition("@")
            if name == self.name and versions:
                with suppress(ValueError):
                    if self.versions.overlap(Versions.of(versions)):
                        return True
        return False


class Pattern(NamedTuple):
    """An abstract spec as users write it; None and empty where it has no condition."""

    text: str = ""
    name: str | None = None
    """The name of a package, or a pattern of names, as in ``py-*``."""
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
    provides: VirtualVersions | None = None
    """The versions of a virtual package that it must provide."""

    @property
    def of_provider(self) -> "Pattern":
        """What it asks of a provider, if its name is that of a virtual package."""
        provides = (
            VirtualVersions(self.name, self.versions) if self.name and self.versions else None
        )
        return self._replace(name=None, versions=None, provides=provides)

    def fits(self, spec: Mapping[str, Any]) -> bool:
        """Whether the properties of a spec fit; dependencies and compilers are not tested."""
        return all(fits(spec.get(name)) for name, fits in self.conditions().items())

    def conditions(self) -> dict[str, Callable[[Any], bool]]:
        """By property of a spec, the function that tests its value; only for tested properties.

        Propagated variants, ``++name``, concern the dependencies too and are not among them.
        """
        variants = [variant for variant in self.variants if not variant.propagated]
        wanted: tuple[tuple[str, Any, Callable[[Any], Callable[[Any], bool]]], ...] = (
            ("package", self.name, name_test),
            ("namespace", self.namespace, lambda one: partial(eq, one)),
            ("platform", self.platform, lambda one: partial(_is_equal_or_any, one)),
            ("os", self.os, lambda one: partial(_is_equal_or_any, one)),
            ("hash", self.hash, lambda prefix: partial(_begins_with, prefix)),
            ("version", self.versions, lambda one: one.fits),
            ("target", self.target, lambda one: one.fits),
            ("provides", self.provides, lambda one: one.fits),
            ("variants", variants or None, lambda some: partial(_fits_all, some)),
            ("flags", self.flags or None, lambda some: partial(_fits_all, some)),
        )
        return {name: test(value) for name, value, test in wanted if value is not None}

    @property
    def is_without_dependencies(self) -> bool:
        """Whether the properties of a spec are enough to test it, without its dependencies."""
        propagated = any(variant.propagated for variant in self.variants)
        return not (self.direct or self.dependencies or propagated)

    @property
    def is_name_and_versions(self) -> bool:
        """Whether its only conditions are on name and version, or it has none."""
        return self == Pattern(self.text, self.name, versions=self.versions)


def is_name_pattern(name: str) -> bool:
    """Whether a name is a pattern of names, as in a shell: ``py-*``, ``zlib?``, ``[bx]z*``."""
    return not {*"*?["}.isdisjoint(name)


def name_test(wanted: str) -> Callable[[str | None], bool]:
    """The test of a name for being the wanted one, or one that fits the wanted pattern."""
    if not is_name_pattern(wanted):
        return partial(eq, wanted)
    return lambda name: name is not None and fnmatchcase(name, wanted)


def _begins_with(prefix: str, value: str | None) -> bool:
    return value is not None and value.startswith(prefix)


def _fits_all(wanted: Iterable[Variant | Flag], values: Iterable[str] | None) -> bool:
    return all(one.fits(values) for one in wanted)


def _is_equal_or_any(wanted: str, value: str | None) -> bool:
    return value is not None and wanted in (ANY, value)


@lru_cache(maxsize=1 << 14)
def _name_and_value(variant: str) -> tuple[str, bool | tuple[str, ...]]:
    name = variant_name(variant)
    if variant[0] in "+~":
        return name, variant[0] == "+"
    value = variant[len(name) + 1 :]
    return name, ON_OFF.get(value.lower(), tuple(value.split(",")))


def _is_target(target: str, name_or_range: str) -> bool:
    low, colon, high = name_or_range.removeprefix("=").partition(":")
    if name_or_range == ANY:
        return True
    if not colon:
        return target == low
    from cachegraph.model.target import is_in_range

    return is_in_range(target, low, high)
