"""The entries of a page: those that differ in nothing but their hash are read once."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

import orjson

from cachegraph.errors import FormatError
from cachegraph.model.spec import (
    Description,
    SpecGroup,
    SpecRecord,
    compiler_name,
    is_dag_hash,
    normal_variants,
    value_or_none,
)
from cachegraph.sources import Faults
from cachegraph.sources.fields import BadFieldError, text_field, texts_field
from cachegraph.sources.pagemeta import json_type, show

_BETWEEN = "}, {"
_HASH, _STACKS = '"hash": "', '"stacks": ['
_HASH_LENGTH = 32
_only_hashes = re.compile("[a-z2-7]*").fullmatch


class HashesByEntry(dict[str, list[str]]):
    """The hashes of the entries that have the same text but for the hash, by that text."""


def parse(text: bytes) -> Any:
    """The value of a field: ``HashesByEntry`` for entries as the site writes them, else JSON.

    ValueError if it is neither. No entry is parsed yet.
    """
    if not (text.startswith(b"[{") and text.endswith(b"}]")):
        return orjson.loads(text)
    entries: defaultdict[str, list[str]] = defaultdict(list)
    for entry in text[2:-2].decode("ascii").split(_BETWEEN):
        start = entry.index(_HASH) + len(_HASH)
        end = start + _HASH_LENGTH
        entries[entry[:start] + entry[end:]].append(entry[start:end])
    return HashesByEntry(entries)


@lru_cache(maxsize=1 << 12)
def _labels(text: str) -> tuple[str, ...]:
    return tuple(orjson.loads(f"[{text}]"))


@lru_cache(maxsize=1 << 12)
def _stack_keys(release: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    "".join(labels)  # TypeError unless all are text
    return tuple(f"{release}/{label}" for label in dict.fromkeys(labels) if label)


class _Descriptions(dict[tuple[Any, ...], Description]):
    """The descriptions of a page's specs by their fields; many specs share one."""

    def __init__(self, package: str) -> None:
        super().__init__()
        self._package = package

    def __missing__(self, fields: tuple[Any, ...]) -> Description:
        compiler, os, platform, target, version, *variants = fields
        if not version or not all(variants):
            raise ValueError("an empty version or variant")
        # TypeError unless all are text or None, and the version is text.
        version + "".join([field for field in fields if field is not None])
        description = self[fields] = Description(
            self._package,
            version,
            normal_variants(tuple(variants)),
            None,
            compiler_name(compiler),
            value_or_none(platform),
            value_or_none(os),
            value_or_none(target),
        )
        return description


class EntryReader:
    """Reads the entries of ``spec_details``: in groups if all are valid, else one by one.

    ``error`` makes the error of a field, a place in it, and the problem there.
    """

    def __init__(
        self, error: Callable[[str, str, str], FormatError], package: str, release: str
    ) -> None:
        self._error = error
        self._release = release
        self.descriptions = _Descriptions(package)
        self.labels: Counter[tuple[str, ...]] = Counter()

    def groups(self, entries: HashesByEntry) -> list[SpecGroup] | None:
        """The specs of entries that are all valid, those described alike one after another.

        None if an entry is not valid, or if two have the same hash.
        """
        hashes = [*chain.from_iterable(entries.values())]
        text = "".join(hashes)
        if not _only_hashes(text) or len(text) != _HASH_LENGTH * len({*hashes}):
            return None
        by_description: dict[str, list[SpecGroup]] = {}
        try:
            for entry, its_hashes in entries.items():
                start = entry.index(_STACKS) + len(_STACKS)
                end = entry.index("]", start)
                labels = _labels(entry[start:end])
                self.labels[labels] += len(its_hashes)
                stacks = _stack_keys(self._release, labels)
                text = entry[:start] + entry[end:]
                if same := by_description.get(text):
                    same.append(SpecGroup(its_hashes, same[0].description, stacks))
                else:
                    group = SpecGroup(its_hashes, self._description(text), stacks)
                    by_description[text] = [group]
        except (KeyError, TypeError, ValueError):
            return None
        return [*chain.from_iterable(by_description.values())]

    def _description(self, text: str) -> Description:
        """The description in an entry without its hash and stacks; an exception if it has faults.

        Each part of the text is valid alone: then the whole is, and has been cut where it should.
        """
        entry = orjson.loads(f"{{{text}}}")
        is_whole = entry["hash"] == "" and entry["stacks"] == []
        is_only = text.count('"hash"') == text.count('"stacks"') == 1 and "\\" not in text
        versions, variants = entry["versions"], entry["variants"]
        (version,) = versions
        if not (is_whole and is_only and type(versions) is type(variants) is list):
            raise ValueError("not as the site writes it")
        arch = entry["compiler"], entry["os"], entry["platform"], entry["target"]
        return self.descriptions[*arch, version, *variants]

    def records(self, entries: list[Any], problems: Faults) -> Iterator[SpecRecord]:
        """The records of the valid entries; adds the errors of the others to ``problems``."""
        for number, entry in enumerate(entries):
            try:
                yield self._record(entry)
            except BadFieldError as bad:
                field, problem = bad.args
                problems.add(self._error("spec_details", f"[{number}]{field}", problem))

    def _record(self, entry: Any) -> SpecRecord:
        """The record of an entry, each of its fields checked; a missing one is unknown."""
        if not isinstance(entry, dict):
            raise BadFieldError("", f"expected an object, found {json_type(entry)}")
        hash_ = entry.get("hash")
        if not isinstance(hash_, str) or not is_dag_hash(hash_):
            expected = "a DAG hash (32 characters of a-z2-7)"
            raise BadFieldError(".hash", f"expected {expected}, found {show(hash_)}")
        arch = [text_field(entry, name) for name in ("compiler", "os", "platform", "target")]
        versions = texts_field(entry, "versions")
        if len(versions) != 1 or not versions[0]:
            raise BadFieldError(".versions", f"expected one version, found {show(versions)}")
        variants = texts_field(entry, "variants")
        if not all(variants):
            raise BadFieldError(".variants", "expected variants, found an empty one")
        labels = tuple(texts_field(entry, "stacks"))
        description = self.descriptions[*arch, *versions, *variants]
        self.labels[labels] += 1
        return SpecRecord(hash_, description, _stack_keys(self._release, labels))
