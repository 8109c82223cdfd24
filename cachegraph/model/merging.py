"""The laws of merging: what is known of a spec when several sources speak of it. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

from cachegraph.model.elements import NOTHING, Nodes, Properties
from cachegraph.model.schema import SPEC, VISIBLE
from cachegraph.model.spec import SpecRecord

# A patch is known by its full sha256 to a lock file, by its first characters to a page.
_PATCH = 7
_VISIBLE = len(VISIBLE)
# What the hash of a spec fixes: two sources that differ here contradict each other.
_FIXED = tuple(p.name for p in SPEC.properties if p.fixed_by_hash)
# Formats whose hashes do not cover build dependencies: one hash may have been built with several.
_UNCOVERED = (1, 2)


class Conflict(NamedTuple):
    """A spec that a source describes otherwise than the graph does."""

    hash: str
    differs: tuple[str, ...]
    known: Properties
    found: Properties


class Group(NamedTuple):
    """Specs with equal properties."""

    hashes: list[str]
    values: Sequence[Any]


def settle(
    records: Sequence[SpecRecord],
    known: Mapping[str, Properties],
    needed: Mapping[str, Set[str]] = NOTHING,
) -> tuple[list[Group], list[Conflict]]:
    """What the records say of their specs, joined with what is known and with one another."""
    # By identity: sources make one description for many specs, and comparing costs more.
    sharing: dict[int, list[str]] = defaultdict(list)
    descriptions = {}
    for record in records:
        hash_, description = record[:2]
        sharing[id(description)].append(hash_)
        descriptions[id(description)] = description
    groups = [
        Group(sharing[key], (*description, _digest(description)))
        for key, description in descriptions.items()
    ]
    hashes = {record[0] for record in records}
    if len(hashes) == len(records) and known.keys().isdisjoint(hashes):
        return groups, []
    settled: dict[str, Properties] = {}
    conflicts = []
    said = {
        key: Nodes(SPEC, (), group.values).properties
        for key, group in zip(descriptions, groups, strict=True)
    }
    for record in records:
        hash_ = record.hash
        found = said[id(record.description)]
        before = settled.get(hash_) or known.get(hash_, NOTHING)
        if _is_known(before, record):
            continue
        merged, differs = merge(before, found, hash_)
        if not differs and _contradicts(needed.get(hash_), record):
            differs = ("dependencies",)
        if differs:
            conflicts.append(Conflict(hash_, differs, before, found))
        elif merged != before or hash_ not in known:
            settled[hash_] = merged
    merged_nodes = [Nodes.of(SPEC, [hash_], merged) for hash_, merged in settled.items()]
    return [Group([*nodes.keys], nodes.values) for nodes in merged_nodes], conflicts


def _contradicts(needed: Set[str] | None, record: SpecRecord) -> bool:
    """Whether a record has other dependencies than those known, where the hash covers them all."""
    if not needed or not record.dependencies or record.description.specfile_version in _UNCOVERED:
        return False
    found = {dependency.hash for dependency in record.dependencies}
    return not (found <= needed or needed <= found)


def is_same(before: Properties | None, record: SpecRecord) -> bool:
    """Whether the whole node that is known, dependencies and all, is that of the record."""
    said = record.description
    if before is None or said.specfile_version in _UNCOVERED:
        return False
    found = _given(said.verified, said.recomputed, record.hash)
    return found is not None and found == _given(
        before.get("verified"), before.get("recomputed"), record.hash
    )


def _is_known(before: Properties, record: SpecRecord) -> bool:
    """Whether a record says nothing that is not known: most of what is read a second time."""
    said = record.description
    proved = before.get("verified") and said.verified
    same_format = before.get("specfile_version") == said.specfile_version
    # The name of a compiler is in another node, which not every source has.
    same_compiler = said.compiler in (None, before.get("compiler"))
    return bool(proved and same_format and same_compiler and is_same(before, record))


def is_compared(before: Properties | None, record: SpecRecord) -> bool:
    """Whether dependencies that are known have to be held against those of the record."""
    return (
        before is not None
        and "specfile_version" in before
        and bool(record.dependencies)
        and record.description.specfile_version not in _UNCOVERED
        and not is_same(before, record)
    )


def merge(
    known: Properties, found: Properties, hash_: str = ""
) -> tuple[Properties, tuple[str, ...]]:
    """What is known of a spec after one more source, and the names in which the two contradict.

    An absent value never erases a known one; a full patch takes the place of a cut one; after a
    contradiction all stays as it was.
    """
    gives, gave = (
        _given(said.get("verified"), said.get("recomputed"), hash_) for said in (found, known)
    )
    merged = {**known, **{name: value for name, value in found.items() if name not in known}}
    differs = [name for name in _FIXED if name in found and found[name] != merged[name]]
    if "variants" in differs and _seen(found["variants"]) == _seen(known["variants"]):
        differs.remove("variants")
        both = found["variants"], known["variants"]
        merged["variants"] = max(both, key=lambda variants: sum(map(len, variants)))
    if not differs and gives and gave and gives != gave:
        differs.append("details")
    if differs:
        return known, tuple(differs)
    # Whatever came first: that one source proves the hash, and the format nearest to it.
    merged.update({"verified": True} if found.get("verified") else {})
    if "specfile_version" in found:
        versions = merged["specfile_version"], found["specfile_version"]
        merged["specfile_version"] = min(versions)
    if merged == known:
        return known, ()
    merged["alike"] = alike(merged)
    return merged, ()


def _seen(variants: Sequence[str]) -> list[str]:
    """Variants as a page would show them."""
    return [*map(_visible, variants)]


def _given(verified: bool | None, recomputed: str | None, hash_: str) -> str | None:
    """What the whole node gives, which is equal when all of it is; None if that is not known.

    A node that gives its hash only in an earlier form says the same as one that is in that form.
    """
    return None if verified is None else recomputed or hash_


def alike(properties: Properties) -> str:
    """The digest of a spec's visible properties: equal for near-duplicates, whatever the source.

    Sixteen hexadecimal digits. Patches count by their first seven characters, and flags that are
    not known as none.
    """
    return _digest([properties.get(name) for name in VISIBLE])


def _digest(values: Sequence[Any]) -> str:
    """The digest of the values that come first in every description: the visible ones."""
    text = "\x1f".join(
        [
            value if type(value) is str else "\x1e".join(value) if value else ""
            for value in values[:_VISIBLE]
        ]
    )
    if "patches=" in text:
        text = "\x1f".join("\x1e".join(map(_visible, p.split("\x1e"))) for p in text.split("\x1f"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _visible(value: str) -> str:
    if not value.startswith("patches="):
        return value
    return "patches=" + ",".join(patch[:_PATCH] for patch in value[8:].split(","))
