"""How the records of several sources merge into what the graph knows of a spec. Pure functions."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from cachegraph.model.elements import EMPTY, Nodes, Properties
from cachegraph.model.schema import SPEC, VISIBLE
from cachegraph.model.spec import Description, SpecGroup, SpecRecord

# A lock file gives the full sha256 of a patch, a page only its first characters.
_PATCH_LENGTH = 7
_VISIBLE = len(VISIBLE)
_PACKAGE_AND_VERSION = 2  # the first of the visible properties
# Two sources that differ in one of these contradict each other.
_FIXED_BY_HASH = tuple(p.name for p in SPEC.properties if p.fixed_by_hash)
# What a source may tell of a spec besides its node: the name of a compiler is in another node.
_OUTSIDE = ("compiler", "size", "deprecated_for")
# What a later Spack may have changed in a node.
_REWRITTEN = ("specfile_version", "target_features")
# The patches in the text of visible properties, where \x1f and \x1e end a value and an item.
_whole_patches = re.compile("(?<![^\x1e\x1f])patches=[^\x1e\x1f]*")
# Formats whose hashes do not cover build dependencies: specs with one hash may differ in them.
_WITHOUT_BUILD_DEPENDENCIES = (1, 2)


class Conflict(NamedTuple):
    """A spec that a source describes differently from the graph."""

    hash: str
    differs: tuple[str, ...]
    in_graph: Properties
    in_source: Properties


def conflicts_within(records: Iterable[SpecRecord]) -> list[Conflict]:
    """The specs that their own source describes in several ways, of which the first is kept."""
    return [Conflict(one.hash, one.differs, EMPTY, EMPTY) for one in records if one.differs]


def merge_records(
    records: Sequence[SpecRecord],
    known: Mapping[str, Properties],
    dependencies: Mapping[str, Set[str]] = EMPTY,
) -> tuple[list[Nodes], list[Conflict]]:
    """The spec nodes that the records add or change, and the conflicts with the graph.

    ``known`` holds the properties, by hash, of those specs that the graph has; ``dependencies``
    the hashes that they depend on, for those that ``must_compare_dependencies``.
    """
    # By identity: sources share one description among many specs, and comparing costs more.
    hashes_of: dict[int, list[str]] = defaultdict(list)
    descriptions = {}
    for record in records:
        hash_, description = record[:2]
        hashes_of[id(description)].append(hash_)
        descriptions[id(description)] = description
    nodes = {key: _nodes(one, hashes_of[key]) for key, one in descriptions.items()}
    hashes = {record[0] for record in records}
    if len(hashes) == len(records) and known.keys().isdisjoint(hashes):
        return [*nodes.values()], []
    described = {key: one.properties for key, one in nodes.items()}
    return _merge_one_by_one(records, described, known, dependencies)


def nodes_of_groups(groups: Iterable[SpecGroup]) -> list[Nodes]:
    """The nodes of specs of which nothing else is known."""
    found: dict[int, Nodes] = {}
    for hashes, description, _ in groups:
        if same := found.get(id(description)):
            same.keys.extend(hashes)  # type: ignore[attr-defined]  # a list of our own
        else:
            found[id(description)] = _nodes(description, [*hashes])
    return [*found.values()]


def properties_alone(record: SpecRecord) -> Properties:
    """The properties that a spec has if a record is all that is known of it."""
    return _nodes(record.description, []).properties


def _nodes(description: Description, hashes: Sequence[str]) -> Nodes:
    return Nodes(SPEC, hashes, (*description, _digest(description)))


def _merge_one_by_one(
    records: Sequence[SpecRecord],
    described: Mapping[int, Properties],
    known: Mapping[str, Properties],
    dependencies: Mapping[str, Set[str]],
) -> tuple[list[Nodes], list[Conflict]]:
    """The same, record by record; ``described`` has the properties of descriptions by identity."""
    changed: dict[str, Properties] = {}
    conflicts = []
    for record in records:
        hash_ = record.hash
        before = changed.get(hash_) or known.get(hash_, EMPTY)
        if _adds_nothing(before, record):
            continue
        new = described[id(record.description)]
        # Most sources say the same of a spec.
        merged, differs = (before, ()) if new == before else merge(before, new, hash_)
        if not differs and _contradicts(dependencies.get(hash_), record):
            differs = ("dependencies",)
        if differs:
            conflicts.append(Conflict(hash_, differs, before, new))
        elif merged != before or hash_ not in known:
            changed[hash_] = merged
    return [Nodes.of(SPEC, [hash_], merged) for hash_, merged in changed.items()], conflicts


def _contradicts(known: Set[str] | None, record: SpecRecord) -> bool:
    """Whether the dependencies of a record contradict the known ones, if the hash covers all."""
    version = record.description.specfile_version
    if not known or not record.dependencies or version in _WITHOUT_BUILD_DEPENDENCIES:
        return False
    hashes = record.dependencies.keys()
    return not (hashes <= known or known <= hashes)


def is_same_node(known: Properties | None, record: SpecRecord) -> bool:
    """Whether the record has the whole node that the graph knows, dependencies included."""
    description = record.description
    if known is None or description.specfile_version in _WITHOUT_BUILD_DEPENDENCIES:
        return False
    new = _node_hash(description.verified, description.recomputed, record.hash)
    before = _node_hash(known.get("verified"), known.get("recomputed"), record.hash)
    return new is not None and new == before


def _adds_nothing(known: Properties, record: SpecRecord) -> bool:
    """Whether the graph knows all that the record says, as in most of a second import."""
    description = record.description
    if not (known.get("verified") and description.verified):
        return False
    same_format = known.get("specfile_version") == description.specfile_version
    adds_none = all(getattr(description, name) in (None, known.get(name)) for name in _OUTSIDE)
    return same_format and adds_none and is_same_node(known, record)


def must_compare_dependencies(known: Properties | None, record: SpecRecord) -> bool:
    """Whether the dependencies of a record may contradict those that the graph knows."""
    return (
        known is not None
        and "specfile_version" in known
        and bool(record.dependencies)
        and record.description.specfile_version not in _WITHOUT_BUILD_DEPENDENCIES
        and not is_same_node(known, record)
    )


def merge(
    known: Properties, new: Properties, hash_: str = ""
) -> tuple[Properties, tuple[str, ...]]:
    """The properties of a spec after one more source, and the names of those that contradict.

    Known values stay, but full patches replace shortened ones, and a new size the known one: an
    archive may have been built again. A contradiction changes nothing.
    """
    known_hash = _node_hash(known.get("verified"), known.get("recomputed"), hash_)
    new_hash = _node_hash(new.get("verified"), new.get("recomputed"), hash_)
    merged = {**new, **known}
    differs = [name for name in _FIXED_BY_HASH if name in new and new[name] != merged[name]]
    if "variants" in differs and _on_page(new["variants"]) == _on_page(known["variants"]):
        differs.remove("variants")
        merged["variants"] = max(new["variants"], known["variants"], key=lambda v: len("".join(v)))
    # A later Spack writes a node in another format, or describes its target anew: its hash differs.
    comparable = all(known.get(name) == new.get(name) for name in _REWRITTEN)
    if not differs and comparable and new_hash and known_hash and new_hash != known_hash:
        differs.append("details")
    if differs:
        return known, tuple(differs)
    if "size" in new:
        merged["size"] = new["size"]
    # In any order of import the rest is the same: one proof is enough, the oldest format stays.
    if new.get("verified"):
        merged["verified"] = True
    if "specfile_version" in new:
        merged["specfile_version"] = min(merged["specfile_version"], new["specfile_version"])
    if merged == known:
        return known, ()
    digest = alike(merged)
    return {**merged, "alike": digest} if digest else merged, ()


def _on_page(variants: Sequence[str]) -> list[str]:
    """Variants as a page shows them."""
    return [*map(_shorten_patches, variants)]


def _node_hash(verified: bool | None, recomputed: str | None, hash_: str) -> str | None:
    """A hash of the whole node, the same for nodes that are equal in all; None if unknown.

    A node whose hash matches only in an earlier form is equal to the node in that form.
    """
    return None if verified is None else recomputed or hash_


def alike(properties: Properties) -> str | None:
    """The digest of a spec's visible properties: equal for near-duplicates, whatever the source.

    Sixteen hexadecimal digits; None if the package or the version is unknown. A patch counts by its
    first seven characters, unknown flags as none.
    """
    return _digest([properties.get(name) for name in VISIBLE])


def _digest(values: Sequence[Any]) -> str | None:
    """The digest of the visible properties: the first values of every description."""
    if not all(values[:_PACKAGE_AND_VERSION]):
        return None
    texts = [
        value if type(value) is str else "\x1e".join(value) if value else ""
        for value in values[:_VISIBLE]
    ]
    text = "\x1f".join(texts)
    if text.count("\x1f") >= _VISIBLE:
        # A value has the separator: a repeated one is part of a value.
        text = "\x1f".join(one.replace("\x1f", "\x1f\x1f") for one in texts)
    if "patches=" in text:
        text = _whole_patches.sub(lambda found: _shorten_patches(found[0]), text)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _shorten_patches(variant: str) -> str:
    if not variant.startswith("patches="):
        return variant
    return "patches=" + ",".join(patch[:_PATCH_LENGTH] for patch in variant[8:].split(","))
