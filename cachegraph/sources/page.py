"""A package's page of cache.spack.io, as the site wrote it in any year."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cachegraph.errors import CacheGraphError, FormatError
from cachegraph.model.spec import (
    Description,
    Extent,
    SpecRecord,
    compiler_name,
    is_dag_hash,
    known,
    normal_variants,
)
from cachegraph.model.stack_key import LOCAL, ROOT
from cachegraph.sources import Contents, Document, Report, specfile
from cachegraph.sources.frontmatter import FENCE, Front, by_json, by_yaml, fenced
from cachegraph.sources.pagemeta import contradiction, contradictions, kind_of, shown

_FIELD = re.compile(
    rb"^(spec_details:|spec_files:|layout: *\"?cache\b|categor(y: *|ies: *\[ *)package\b)",
    re.MULTILINE,
)


def accepts(document: Document) -> bool:
    """Whether the bytes begin with the front matter of a page."""
    fence = FENCE.match(document.data)
    return bool(fence and _FIELD.search(document.data, fence.end(), fence.end() + 4096))


def read(document: Document, report: Report) -> Contents:
    """The specs of one page, which holds its package in its release in full."""
    lines = fenced(document)
    front = by_json(lines)
    problems: list[CacheGraphError] = []
    contents = front and _contents(document, front, problems)
    if contents is None or problems:
        # Where JSON and YAML disagree the page is YAML: to it, 1e3 is text.
        try:
            again = by_yaml(document, lines)._replace(lines=front.lines if front else {})
        except FormatError:
            if contents is None:
                raise
        else:
            problems = []
            contents = _contents(document, again, problems)
    for problem in problems:
        report(problem)
    return contents


def _contents(document: Document, front: Front, problems: list[CacheGraphError]) -> Contents:
    fields = front.fields
    package = fields.get("title")
    if package is None:
        path = Path(document.path).absolute()
        package = path.parent.name if path.name in ("specs.md", "index.md") else None
    if not isinstance(package, str) or not package:
        raise FormatError(f"{document.location}: title: expected a package name, found {package!r}")
    if "spec_files" in fields:
        return _of_2021(document, fields, problems)
    release = document.given.release or _release(document, fields, package)
    where = _Where(document.location, front.lines)
    entries = fields.get("spec_details")
    if not isinstance(entries, list):
        problem = "is missing" if entries is None else f"expected a list, found {kind_of(entries)}"
        raise where.error("spec_details", "", problem)
    reader = _Entries(where, package, release)
    records = list(reader.records(entries, problems))
    faults = [*problems]
    if not faults:
        said = contradictions(fields.get("meta"), reader.looks, reader.labels, len(entries))
        problems.extend(where.error("meta", field, problem) for field, problem in said)
    extents = [Extent(release, package)]
    era = _era(entries, reader)
    return Contents("page", era, records, extents, document.digest, [], faults)


def _release(document: Document, fields: dict[str, Any], package: str) -> str:
    """The tag: from the categories, else from a path like ``_cache/<tag>/<package>/specs.md``."""
    categories = fields.get("categories")
    if isinstance(categories, list) and len(categories) > 1:
        if isinstance(categories[1], str) and categories[1]:
            return categories[1]
        raise FormatError(
            f"{document.location}: categories[1]: expected a tag, found {categories[1]!r}"
        )
    folder = Path(document.path).absolute().parent
    if folder.name == package or folder.parent.parent.name == "_cache":
        return folder.parent.name
    return LOCAL


class _Where(NamedTuple):
    """Names a place in a page, for messages."""

    location: str
    lines: dict[str, int]

    def error(self, field: str, rest: str, problem: str) -> FormatError:
        line = f"line {self.lines[field]}: " if field in self.lines else ""
        return FormatError(f"{self.location}: {line}{field}{rest}: {problem}")


@lru_cache(maxsize=1 << 12)
def _keys(release: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    "".join(labels)  # all text, or TypeError
    return tuple(f"{release}/{label}" for label in dict.fromkeys(labels) if label)


class _Looks(dict[tuple[Any, ...], Description]):
    """What the specs of a page look like; what many of them share is made once."""

    def __init__(self, package: str) -> None:
        super().__init__()
        self._package = package

    def __missing__(self, look: tuple[Any, ...]) -> Description:
        compiler, os, platform, target, version, *variants = look
        if not all(variants):
            raise ValueError("an empty variant")
        version + "".join([part for part in look if part is not None])  # all text, or TypeError
        description = self[look] = Description(
            self._package,
            version,
            normal_variants(tuple(variants)),
            None,
            compiler_name(compiler),
            known(platform),
            known(os),
            known(target),
        )
        return description


class _Entries:
    """Reads the entries of ``spec_details``: fast when they are as they should be."""

    def __init__(self, where: _Where, package: str, release: str) -> None:
        self._where = where
        self._release = release
        self.looks = _Looks(package)
        self.labels: Counter[tuple[str, ...]] = Counter()

    def records(self, entries: list[Any], problems: list[CacheGraphError]) -> Iterator[SpecRecord]:
        """The records of the good entries; what is wrong with the others is added to problems."""
        looks, release, labels_of_all = self.looks, self._release, []
        for index, entry in enumerate(entries):
            try:
                versions, variants, stacks = entry["versions"], entry["variants"], entry["stacks"]
                (version,) = versions
                look = (
                    entry["compiler"],
                    entry["os"],
                    entry["platform"],
                    entry["target"],
                    version,
                    *variants,
                )
                labels = tuple(stacks)
                hash_ = entry["hash"]
                record = SpecRecord(hash_, looks[look], _keys(release, labels))
                as_promised = (
                    type(versions) is type(variants) is type(stacks) is list
                    and is_dag_hash(hash_) is not None
                )
            except (KeyError, TypeError, ValueError, AttributeError):
                as_promised = False
            if not as_promised:
                try:
                    record, labels = self._careful(entry)
                except _BadFieldError as bad:
                    rest = f"[{index}]{bad.field}"
                    problems.append(self._where.error("spec_details", rest, bad.problem))
                    continue
            labels_of_all.append(labels)
            yield record
        self.labels.update(labels_of_all)

    def _careful(self, entry: Any) -> tuple[SpecRecord, tuple[str, ...]]:
        """Every field of one entry, checked one by one; a missing one is unknown."""
        if not isinstance(entry, dict):
            raise _BadFieldError("", f"expected an object, found {kind_of(entry)}")
        hash_ = entry.get("hash")
        if not isinstance(hash_, str) or not is_dag_hash(hash_):
            raise _BadFieldError(
                ".hash", f"expected a DAG hash (32 characters of a-z2-7), found {shown(hash_)}"
            )
        arch = [_text(entry, name) for name in ("compiler", "os", "platform", "target")]
        versions = _texts(entry, "versions")
        if len(versions) != 1 or not versions[0]:
            raise _BadFieldError(".versions", f"expected one version, found {shown(versions)}")
        variants = _texts(entry, "variants")
        if not all(variants):
            raise _BadFieldError(".variants", "expected variants, found an empty one")
        labels = tuple(_texts(entry, "stacks"))
        description = self.looks[*arch, *versions, *variants]
        return SpecRecord(hash_, description, _keys(self._release, labels)), labels


class _BadFieldError(Exception):
    """A field of an entry is not what the format promises."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem


def _text(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise _BadFieldError(f".{name}", f"expected text, found {shown(value)}")
    return value


def _texts(entry: dict[str, Any], name: str) -> list[str]:
    value = entry.get(name, [])
    if type(value) is not list:
        raise _BadFieldError(f".{name}", f"expected a list, found {shown(value)}")
    try:
        "".join(value)
    except TypeError:
        odd = next(item for item in value if not isinstance(item, str))
        raise _BadFieldError(f".{name}", f"expected text in the list, found {shown(odd)}") from None
    return value


def _era(entries: Sequence[Any], reader: _Entries) -> str:
    """Which years' layout the page has, by what tells them apart."""
    if entries and isinstance(entries[0], dict) and "tarball" in entries[0]:
        return "2023" if any(ROOT in labels for labels in reader.labels) else "2022"
    dated = any("@=" in (look[0] or "") for look in reader.looks)
    return "early 2025" if dated else "2025"


def _of_2021(
    document: Document, fields: dict[str, Any], problems: list[CacheGraphError]
) -> Contents:
    """A page of 2021: a spec file beside it for each spec, no stacks and no release."""
    records: dict[str, SpecRecord] = {}
    versions: set[str | None] = set()
    digest = hashlib.sha256(document.data)
    for name in fields["spec_files"]:
        path = Path(document.path).with_name(name)
        location = str(Path(document.location).with_name(name))
        try:
            data = path.read_bytes()
            digest.update(data)
            file = document._replace(location=location, path=str(path), data=data)
            found = [*specfile.read(file, problems.append).records]
        except OSError as exc:
            problems.append(FormatError(f"{location}: listed by the page, but {exc.strerror}"))
        except FormatError as exc:
            problems.append(exc)
        else:
            versions.update(record.description.version for record in found[:1])
            for record in found:
                records.setdefault(record.hash, record._replace(stacks=()))
    meta = fields.get("meta")
    if not problems and isinstance(meta, dict) and set(meta.get("versions", ())) != versions:
        said = contradiction(set(meta.get("versions", ())), versions)
        problems.append(FormatError(f"{document.location}: meta.versions: {said}"))
    return Contents("page", "2021", [*records.values()], [], digest.hexdigest(), [], [])
