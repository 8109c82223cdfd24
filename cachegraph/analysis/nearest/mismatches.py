"""In what a spec differs from one that is wanted: as people write it, or of a lock file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.nearest.nearness import Row, Step

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Flag, Pattern, Variant, Versions


class RequestedSpec(NamedTuple):
    """A spec as people write it."""

    pattern: "Pattern"

    def steps(
        self, row: Row, lacking: Iterable["DependencyPattern | Variant"] = ()
    ) -> Iterator[Step]:
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
        for what in lacking:
            yield _lacking(pattern, what, row)

    def _options(self, row: Row) -> Iterator[Step]:
        for variant in self.pattern.variants:
            if not variant.propagated and not variant.fits(row.get("variants")):
                found = by_name(row.get("variants")).get(variant.name)
                yield Step("variant", _variant_text(variant), found)
        for flag in self.pattern.flags:
            if not flag.fits(row.get("flags")):
                yield Step("flag", _flag_text(flag), by_name(row.get("flags")).get(flag.name))


class LockedSpec(NamedTuple):
    """A concrete spec, such as one of a lock file."""

    row: Row

    def steps(
        self, row: Row, lacking: Iterable["DependencyPattern | Variant"] = ()
    ) -> Iterator[Step]:
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


def is_compiler(needs: "DependencyPattern") -> bool:
    """Whether a dependency is a compiler, by its name in either era."""
    from cachegraph.syntax.compilers import COMPILERS

    return bool(needs.names & COMPILERS)


def _lacking(pattern: "Pattern", needs: "DependencyPattern | Variant", row: Row) -> Step:
    if needs in pattern.variants:
        variant: Any = needs
        found = by_name(row.get("variants")).get(variant.name)
        return Step("variant", f"{_variant_text(variant)} in all", found)
    return _needing(pattern, needs, row)  # type: ignore[arg-type]  # no variant


def _needing(pattern: "Pattern", needs: "DependencyPattern", row: Row) -> Step:
    direct = needs in pattern.direct
    if direct and is_compiler(needs):
        compiler = row.get("compiler")
        name = (compiler or "").partition("@")[0]
        weight = 1 if name in needs.names else 2
        return Step("compiler", needs.pattern.text, compiler, weight)
    return Step("dependency", needs_text(pattern, needs), None)


def needs_text(pattern: "Pattern", needs: "DependencyPattern") -> str:
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
    ends = filter(None, re.split(r"[:,]", versions.text.replace("=", "")))
    return min((_between(end, found) for end in ends), default=_LONGEST)


@lru_cache(maxsize=1 << 14)
def _between(wanted: str, found: str | None) -> int:
    """How far two versions are apart: the less, the more they begin alike."""
    from cachegraph.syntax.versions import parse_version

    alike = 0
    for left, right in zip(
        parse_version(wanted).parts, parse_version(found or "").parts, strict=False
    ):
        if left != right:
            break
        alike += 1
    return _LONGEST - min(alike, _LONGEST - 1)
