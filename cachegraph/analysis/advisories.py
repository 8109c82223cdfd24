"""Reads the packages and versions that OSV and CycloneDX VEX documents name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

from cachegraph.errors import FormatError
from cachegraph.syntax.versions import Version, parse_version

_SPACK = "spack"
_PREFIXES = {
    "bioconductor": "r-",
    "cpan": "perl-",
    "cran": "r-",
    "gem": "ruby-",
    "pypi": "py-",
    "rubygems": "ruby-",
}
"""The prefix of Spack's names for the packages of each ecosystem."""
_HARMLESS = ("false_positive", "not_affected", "resolved", "resolved_with_pedigree")
_PURL = re.compile(r"pkg:/*([^/]+)/([^?#]+)(?:\?([^#]*))?")
_CONSTRAINT = re.compile(r"\s*(>=|<=|!=|>|<|=)?\s*(.+)", re.DOTALL).fullmatch


class Interval(NamedTuple):
    """Versions between two, each of which may be missing or belong to it."""

    low: Version | None = None
    has_low: bool = True
    high: Version | None = None
    has_high: bool = False

    def contains(self, version: Version) -> bool:
        """Whether the version is in it, in Spack's order."""
        if self.low is not None and (
            version < self.low or (version == self.low and not self.has_low)
        ):
            return False
        return self.high is None or version < self.high or (version == self.high and self.has_high)


class Versions(NamedTuple):
    """The versions that an advisory is of: those listed, and those in an interval."""

    listed: frozenset[str] = frozenset()
    intervals: tuple[Interval, ...] = ()
    excluded: frozenset[str] = frozenset()

    def contain(self, version: str | None) -> bool:
        """Whether they contain the version of a spec; one that is unknown only if all do."""
        if version is None:
            return self.intervals == (Interval(),)
        if version in self.excluded:
            return False
        parsed = parse_version(version)
        return version in self.listed or any(one.contains(parsed) for one in self.intervals)


ALL = Versions(intervals=(Interval(),))


class Named(NamedTuple):
    """A package as a document names it: by ecosystem and name, or by a package URL."""

    ecosystem: str
    name: str
    namespace: str | None = None
    version: str | None = None
    hash: str | None = None

    @property
    def is_spack(self) -> bool:
        """Whether it is a name of Spack; others are taken to be named alike."""
        return self.ecosystem == _SPACK

    def may_be(self, hash_: str, version: str | None, namespace: str | None) -> bool:
        """Whether a spec of the package may be meant, by what a package URL of Spack tells."""
        if not self.is_spack:
            return True
        told = ((self.hash, hash_), (self.version, version), (self.namespace, namespace))
        return all(None in pair or pair[0] == pair[1] for pair in told)

    def names(self) -> list[str]:
        """The names that the package may have in Spack, the likeliest first."""
        if self.is_spack:
            return [self.name]
        bare = re.split(r"[/:]", self.name)[-1].lower()
        prefix = _PREFIXES.get(self.ecosystem)
        return [bare] if prefix is None else [prefix + re.sub(r"[._]", "-", bare), bare]


class Advisory(NamedTuple):
    """An advisory on one package, and the versions that it is of."""

    id: str
    package: Named
    versions: Versions


class Advisories(NamedTuple):
    """The advisories of a document, and notes on what in it tells of no package or version."""

    found: list[Advisory]
    notes: list[str]


def advisories_of(document: Any, location: str) -> Advisories:
    """The advisories of a document of OSV, several of them, or one of CycloneDX VEX.

    FormatError if it is something else.
    """
    notes: dict[str, None] = {}
    try:
        if isinstance(document, Mapping) and document.get("bomFormat") == "CycloneDX":
            found = [*_of_vex(document, notes)]
        else:
            several = (
                document.get("vulns", [document]) if isinstance(document, Mapping) else document
            )
            found = [one for each in several for one in _of_osv(each, notes)]
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        message = f"{location}: neither an advisory of OSV nor a CycloneDX VEX document"
        raise FormatError(f"{message} ({type(exc).__name__}: {exc})", _HINT) from exc
    return Advisories(found, [*notes])


_HINT = "OSV has id and affected[], VEX bomFormat and vulnerabilities[]"


def _of_osv(document: Mapping[str, Any], notes: dict[str, None]) -> Iterator[Advisory]:
    name = str(document["id"])
    if "withdrawn" in document:
        notes[f"{name} was withdrawn"] = None
        return
    affected = document.get("affected") or ()
    if not affected:
        notes[f"{name} names no package"] = None
    for one in affected:
        package = one.get("package")
        if not package:
            notes[f"{name} names a repository, and no package"] = None
            continue
        named = _named(package.get("purl")) if "purl" in package else None
        ecosystem = str(package.get("ecosystem", "")).partition(":")[0].lower()
        named = named or Named(ecosystem, str(package["name"]))
        ranges = one.get("ranges") or ()
        if any(each["type"] == "GIT" for each in ranges):
            notes[f"{name} tells of commits, which are not compared"] = None
        intervals = [_intervals(each["events"]) for each in ranges if each["type"] != "GIT"]
        listed = frozenset(map(str, one.get("versions") or ()))
        if not listed and not ranges:
            yield Advisory(name, named, ALL)
        else:
            yield Advisory(name, named, Versions(listed, tuple(chain.from_iterable(intervals))))


def _intervals(events: Iterable[Mapping[str, str]]) -> Iterator[Interval]:
    """The intervals of a range of OSV: each from an event to the next that ends it."""
    low: Version | None = None
    is_open = False
    for kind, text in _in_order(events):
        if kind == "introduced":
            low = low if is_open else None if text == "0" else parse_version(text)
            is_open = True
        elif is_open:
            yield Interval(low, True, parse_version(text), kind == "last_affected")
            is_open = False
    if is_open:
        yield Interval(low)


def _in_order(events: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    found = [(kind, text) for event in events for kind, text in event.items()]
    zero = ("introduced", "0")
    # What is fixed in a version comes before what is introduced with it.
    return sorted(found, key=partial(_place, zero))


def _place(zero: tuple[str, str], event: tuple[str, str]) -> tuple[Any, ...]:
    if event == zero:
        return (0,)
    return 1, parse_version(event[1]), event[0] == "introduced"


def _of_vex(document: Mapping[str, Any], notes: dict[str, None]) -> Iterator[Advisory]:
    components = {one["bom-ref"]: one for one in _components(document) if "bom-ref" in one}
    for one in document.get("vulnerabilities") or ():
        name = str(one.get("id") or one.get("bom-ref"))
        state = (one.get("analysis") or {}).get("state")
        if state in _HARMLESS:
            notes[f"{name} is left out: its state is {state}"] = None
            continue
        for affects in one.get("affects") or ():
            ref = str(affects["ref"])
            component = components.get(ref) or components.get(ref.rpartition("#")[2])
            named = _of_component(component) if component else _named(ref)
            if named is None:
                notes[f"{name} is of {ref}, which names no package"] = None
                continue
            yield Advisory(name, named, _told(name, affects.get("versions") or (), named, notes))


def _components(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [*(document.get("components") or ())]
    if subject := (document.get("metadata") or {}).get("component"):
        waiting.append(subject)
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.get("components") or ()


def _of_component(component: Mapping[str, Any]) -> Named | None:
    if named := _named(component.get("purl")):
        return named
    version = component.get("version")
    return Named("", str(component["name"]), version=None if version is None else str(version))


def _told(
    name: str, versions: Sequence[Mapping[str, Any]], named: Named, notes: dict[str, None]
) -> Versions:
    """The versions that a VEX document tells of; without any that of the component, else all."""
    if not versions:
        return ALL if named.version is None else Versions(frozenset({named.version}))
    listed: set[str] = set()
    excluded: set[str] = set()
    intervals: list[Interval] = []
    for one in versions:
        status = one.get("status", "affected")
        if status == "unknown":
            notes[f"{name} does not know of some versions"] = None
        elif "range" in one and status == "affected":
            found = _of_range(str(one["range"]))
            listed |= found.listed
            excluded |= found.excluded
            intervals += found.intervals
        elif "version" in one:
            (listed if status == "affected" else excluded).add(str(one["version"]))
    return Versions(frozenset(listed), tuple(intervals), frozenset(excluded))


def _of_range(text: str) -> Versions:
    """The versions of a range as ``vers:generic/>=1.2|<1.5``; ValueError if it is none."""
    scheme, slash, rest = text.partition("/")
    if not slash or not scheme.startswith("vers:"):
        raise ValueError(f"{text} is no range of versions")
    if rest.strip() == "*":
        return ALL
    by_sign: dict[str, list[str]] = {}
    for part in rest.split("|"):
        match = _CONSTRAINT(unquote(part))
        if match is None:
            raise ValueError(f"{text} has an empty part")
        by_sign.setdefault(match[1] or "=", []).append(match[2].strip())
    ends = [
        (parse_version(v), sign) for sign in ("<", "<=", ">", ">=") for v in by_sign.get(sign, ())
    ]
    intervals: list[Interval] = []
    low = Interval()
    is_open = False
    for version, sign in sorted(ends):
        if sign[0] == ">":
            low, is_open = Interval(version, sign == ">="), True
        else:
            intervals.append(low._replace(high=version, has_high=sign == "<="))
            low, is_open = Interval(), False
    if is_open:
        intervals.append(low)
    return Versions(
        frozenset(by_sign.get("=", ())), tuple(intervals), frozenset(by_sign.get("!=", ()))
    )


def _named(purl: Any) -> Named | None:
    """The package of a package URL; None if the text is none."""
    match = _PURL.match(purl) if isinstance(purl, str) else None
    if match is None:
        return None
    path, _, version = (
        match[2].partition("@") if not match[2].startswith("@") else (match[2], "", "")
    )
    *namespace, name = map(unquote, path.strip("/").split("/"))
    hashes = parse_qs(match[3] or "").get("sha") if match[1].lower() == _SPACK else None
    return Named(
        match[1].lower(),
        name,
        "/".join(namespace) or None,
        unquote(version) or None,
        hashes[0] if hashes else None,
    )
