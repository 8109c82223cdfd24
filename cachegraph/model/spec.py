"""One concrete spec in normal form, as a source describes it. Nothing here knows the graph."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

is_dag_hash = re.compile(r"[a-z2-7]{32}").fullmatch

DEPTYPES = ("build", "link", "run", "test")
LANGUAGES = ("c", "cxx", "fortran")
"""The virtual packages that compilers provide."""
FLAGS = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")
"""The parameters of a spec that are compiler flags; all others are variants."""

REWRITTEN = "rewritten by a later Spack"
"""Why the recomputed hash of a spec is another: its source describes its target anew."""

_PLACEHOLDERS = frozenset({None, "", "-", "none"})


class Description(NamedTuple):
    """The properties of a spec that a source gives, without its hash, stacks and dependencies.

    Many specs share one object. A value is None if the source does not give it.
    """

    package: str | None = None
    version: str | None = None
    variants: tuple[str, ...] | None = None
    flags: tuple[str, ...] | None = None
    compiler: str | None = None
    platform: str | None = None
    os: str | None = None
    target: str | None = None
    namespace: str | None = None
    package_hash: str | None = None
    provides: tuple[str, ...] | None = None
    external: bool | None = None
    prefix: str | None = None
    modules: tuple[str, ...] | None = None
    target_features: str | None = None
    specfile_version: int | None = None
    verified: bool | None = None
    recomputed: str | None = None
    size: int | None = None
    deprecated_for: str | None = None


class DependencyUse(NamedTuple):
    """What a spec uses a dependency for; ``virtuals`` is None if the format records none.

    Many dependencies share one object.
    """

    deptypes: tuple[str, ...]
    virtuals: tuple[str, ...] | None = None


class SpecRecord(NamedTuple):
    """One concrete spec as one source describes it; ``stacks`` are keys, ``release/name``."""

    hash: str
    description: Description
    stacks: tuple[str, ...] = ()
    dependencies: Mapping[str, DependencyUse] | None = None
    """By hash; None if the format has no dependencies, as pages have none."""
    languages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Compilers, as name@version, with the languages each compiled; empty if not recorded."""
    build_spec: str | None = None
    """Hash of the spec that a spliced spec was built as."""
    reason: str | None = None
    """Why the hash recomputed from the source may differ from the DAG hash."""
    differs: tuple[str, ...] = ()
    """In what other nodes of the source with the same hash differ, which are left out."""
    index_fault: str | None = None
    """How the index of a build cache contradicts its other files on the spec."""


class SpecGroup(NamedTuple):
    """Specs in the same stacks that a source describes alike: they differ in their hashes alone."""

    hashes: list[str]
    description: Description
    stacks: tuple[str, ...]

    def records(self) -> Iterator[SpecRecord]:
        """The record of each spec."""
        return (SpecRecord(hash_, self.description, self.stacks) for hash_ in self.hashes)


class Root(NamedTuple):
    """A root of an environment: its abstract spec, and the environment's group it belongs to."""

    hash: str
    stack: str
    request: str | None = None
    group: str | None = None


class Scope(NamedTuple):
    """What a source lists completely: a stack, or one package in all stacks of a release."""

    release: str
    package: str | None = None
    stack: str | None = None

    def __str__(self) -> str:
        """The key of the stack, or the release and the package with a blank between them."""
        return f"{self.release}/{self.stack}" if self.stack else f"{self.release} {self.package}"


def value_or_none(value: str | None) -> str | None:
    """The value, or None for the placeholders that pages write for an absent one."""
    return None if value in _PLACEHOLDERS else value


@lru_cache(maxsize=1 << 12)
def compiler_name(text: str | None) -> str | None:
    """A compiler as ``name@version``, from the spelling of any Spack; None for no compiler."""
    text = value_or_none(text)
    return text and text.replace("@=", "@", 1)


def variant_text(name: str, value: bool | str | tuple[str, ...]) -> str:
    """One variant in normal form: ``+name``, ``~name`` or ``name=a,b`` with sorted values."""
    if isinstance(value, bool):
        return f"{'+' if value else '~'}{name}"
    values = value.split(",") if isinstance(value, str) else value
    return f"{name}={','.join(sorted(values))}"


@lru_cache(maxsize=1 << 16)
def normal_variant(text: str) -> str:
    """The normal form of a variant that a page shows.

    ``++name`` and ``~~name`` lose a sign, ``:=`` and ``==`` become ``=``, quotes are removed.
    """
    if text[:1] in "+~-" and "=" not in text:
        name = text.lstrip("+~-")
        return variant_text(name, text[0] == "+")
    name, _, value = text.partition("=")
    value = value.removeprefix("=")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return variant_text(name.removesuffix(":"), value)


@lru_cache(maxsize=1 << 16)
def variant_name(variant: str) -> str:
    """The name of a variant in normal form; lists of variants are sorted by it."""
    return variant[1:] if variant[0] in "+~" else variant.partition("=")[0]


def by_variant_name(texts: Iterable[str] | None) -> dict[str, str]:
    """Variants or flags in normal form, by their names."""
    return {variant_name(text): text for text in texts or ()}


@lru_cache(maxsize=1 << 12)
def normal_variants(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The variants of one spec, in normal form and sorted by name."""
    return tuple(sorted(map(normal_variant, texts), key=variant_name))
