"""In what a spec differs from a wanted one: a spec in Spack's syntax, or one of a lock file."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.nearest.nearness import Mismatch, Row
from cachegraph.model.spec import by_variant_name

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Flag, Pattern, Variant, Versions

_LONGEST = 16


def request_mismatches(
    pattern: "Pattern", row: Row, unmet: Iterable["DependencyPattern | Variant"]
) -> Iterator[Mismatch]:
    """In what a spec differs from a pattern; ``unmet`` are the parts that its dependencies lack."""
    if pattern.hash is not None and not row["hash"].startswith(pattern.hash):
        yield Mismatch("hash", f"/{pattern.hash}", f"/{row['hash']}")
    version = row.get("version")
    if pattern.versions is not None and not pattern.versions.fits(version):
        distance = _from_range(pattern.versions, version)
        yield Mismatch("version", pattern.versions.text, version, distance)
    if pattern.namespace not in (None, row.get("namespace")):
        yield Mismatch("namespace", str(pattern.namespace), row.get("namespace"))
    yield from _options(pattern, row)
    for what in unmet:
        yield _unmet(pattern, what, row)


def _options(pattern: "Pattern", row: Row) -> Iterator[Mismatch]:
    for variant in pattern.variants:
        if not variant.propagated and not variant.fits(row.get("variants")):
            yield Mismatch("variant", _variant_text(variant), _option(row, "variants", variant))
    for flag in pattern.flags:
        if not flag.fits(row.get("flags")):
            wanted = f"{flag.name}={' '.join(flag.words)}"
            yield Mismatch("flag", wanted, _option(row, "flags", flag))


def lock_mismatches(locked: Row, row: Row) -> Iterator[Mismatch]:
    """In what a spec differs from one of a lock file, but for dependencies and recipe."""
    version, found = locked.get("version"), row.get("version")
    if version not in (None, found):
        yield Mismatch("version", str(version), found, _between(str(version), found))
    for what in ("variants", "flags"):
        # Pages know no flags.
        if locked.get(what) is not None and row.get(what) is not None:
            yield from _changed(what[:-1], locked[what], row[what])
    compiler = locked.get("compiler")
    if compiler not in (None, row.get("compiler")):
        weight = 1 if _family(compiler) == _family(row.get("compiler")) else 2
        yield Mismatch("compiler", str(compiler), row.get("compiler"), weight)


def _changed(what: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[Mismatch]:
    ours, theirs = by_variant_name(wanted), by_variant_name(found)
    for name in sorted({**ours, **theirs}):
        own, other = ours.get(name), theirs.get(name)
        if own != other:
            yield Mismatch(what, own or f"no {name}", other)


def _option(row: Row, property_: str, wanted: "Variant | Flag") -> str | None:
    """The variant or flag of a spec by the name of the wanted one."""
    return by_variant_name(row.get(property_)).get(wanted.name)


def _variant_text(variant: "Variant") -> str:
    if isinstance(variant.value, bool):
        return f"{'+' if variant.value else '~'}{variant.name}"
    return f"{variant.name}{':' if variant.exact else ''}={','.join(variant.value)}"


def _unmet(pattern: "Pattern", what: Any, row: Row) -> Mismatch:
    """The mismatch for a dependency, or a variant of all dependencies, that a spec lacks."""
    if what in pattern.variants:
        return Mismatch("variant", f"{_variant_text(what)} in all", _option(row, "variants", what))
    # Compilers by their names before and since Spack 1.0.
    from cachegraph.syntax.compilers import COMPILERS

    if what in pattern.direct and what.names & COMPILERS:
        compiler = row.get("compiler")
        weight = 1 if _family(compiler) in what.names else 2
        return Mismatch("compiler", what.pattern.text, compiler, weight)
    return Mismatch("dependency", needs_text(pattern, what), None)


def needs_text(pattern: "Pattern", needs: "DependencyPattern") -> str:
    """A dependency of a pattern, as it is written there: ``%cmake@3.27``, ``^zlib-ng %gcc``."""
    own = [f"%{other.pattern.text}" for other in needs.pattern.direct]
    sign = "%" if needs in pattern.direct else "^"
    return " ".join([f"{sign}{needs.pattern.text}", *own])


def _family(compiler: str | None) -> str:
    """The name of a compiler without its version."""
    return (compiler or "").partition("@")[0]


def _from_range(versions: "Versions", found: str | None) -> int:
    """How far a version is from the nearest end of ranges."""
    ends = filter(None, re.split(r"[:,]", versions.text.replace("=", "")))
    return min((_between(end, found) for end in ends), default=_LONGEST)


@lru_cache(maxsize=1 << 14)
def _between(wanted: str, found: str | None) -> int:
    """How far two versions are apart: the less, the more parts at their beginnings are equal."""
    from cachegraph.syntax.versions import parse_version

    parts = zip(parse_version(wanted).parts, parse_version(found or "").parts, strict=False)
    equal = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], parts))
    return _LONGEST - min(equal, _LONGEST - 1)
