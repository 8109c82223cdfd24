"""A package's page of cache.spack.io, in the layout of any year."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cachegraph.errors import FormatError, quoted
from cachegraph.model.spec import (
    Description,
    Scope,
    SpecRecord,
    compiler_name,
    is_dag_hash,
    normal_variants,
    value_or_none,
)
from cachegraph.model.stack_key import LOCAL, ROOT
from cachegraph.model.utf8_text import utf8_text
from cachegraph.sources import (
    Document,
    ErrorHandler,
    Faults,
    ParsedDocument,
    frontmatter,
    specfile,
)
from cachegraph.sources.fields import BadFieldError, text_field, texts_field
from cachegraph.sources.files import read_file
from cachegraph.sources.jsontext import parse_leniently
from cachegraph.sources.pagemeta import (
    contradictions,
    describe_difference,
    json_type,
    show,
    texts_or_value,
)

FILE_NAMES = ("specs.md",)
_LARGEST_SPEC_FILE = 64 << 20
_FILE_NAMES_OF_ALL_YEARS = (*FILE_NAMES, "index.md")
_PAGE_FIELD = re.compile(
    rb"^(spec_details:|spec_files:|layout: *\"?cache\b|categor(y: *|ies: *\[ *)package\b"
    rb"|meta: *\{.*\"num_specs\")",
    re.MULTILINE,
)
# The same as ``first_fields`` finds in them, in a tenth of the time.
_FIRST_LINES = re.compile(
    rb'---\ntitle: "([ !#-\[\]-~]+)"\nlayout: [a-z]+\n'
    rb"categories: \[package, (develop(?:-[0-9-]+)?)\]\nmeta: "
).match


def accepts(document: Document) -> bool:
    """Whether the bytes begin with the front matter of a page."""
    fence = frontmatter.FENCE.match(document.data)
    return bool(fence and _PAGE_FIELD.search(document.data, fence.end(), fence.end() + 4096))


def scope(document: Document) -> Scope | None:
    """The release and the package of a page in the usual layout, by its first lines."""
    if match := _FIRST_LINES(document.data):
        package, tag = match[1].decode(), match[2].decode()
        return Scope(document.user_names.release or tag, package)
    fields = frontmatter.first_fields(document)
    package, categories = fields.get("title"), fields.get("categories")
    if not package or not categories:
        return None
    return Scope(document.user_names.release or categories[1], package)


def read(document: Document, report: ErrorHandler) -> ParsedDocument:
    """The specs of one page, which lists all builds of its package in its release."""
    lines = frontmatter.front_matter_lines(document)
    front_matter = frontmatter.parse_as_json(lines)
    problems = Faults()
    parsed = front_matter and _parse(document, front_matter, problems)
    if parsed is None or (len(problems) and frontmatter.is_other_in_yaml(lines)):
        try:
            as_yaml = frontmatter.parse_as_yaml(document, lines)
            other = as_yaml._replace(lines=front_matter.lines if front_matter else {})
        except FormatError:
            # JSON as Python reads it: what it has besides spoils one entry.
            lenient = front_matter or frontmatter.parse_as_json(lines, parse_leniently)
            if lenient is None:
                raise
            other = lenient
        problems = Faults()
        parsed = _parse(document, other, problems)
    for problem in problems.first:
        report(problem)
    return parsed


def _parse(
    document: Document, front_matter: frontmatter.FrontMatter, problems: Faults
) -> ParsedDocument:
    """The contents of a page; adds to ``problems`` what is wrong in it."""
    fields = front_matter.fields
    package = fields.get("title")
    if package is None:
        path = Path(document.path).absolute()
        package = utf8_text(path.parent.name) if path.name in _FILE_NAMES_OF_ALL_YEARS else None
    if not isinstance(package, str) or not package:
        raise FormatError(
            f"{document.location}: title: expected a package name, found {quoted(package)}"
        )
    if "spec_files" in fields:
        return _parse_page_of_2021(document, fields, problems)
    release = document.user_names.release or _release(document, fields, package)
    page = _Page(document.location, front_matter.lines)
    entries = fields.get("spec_details")
    if not isinstance(entries, list):
        wrong = "is missing" if entries is None else f"expected a list, found {json_type(entries)}"
        raise page.error("spec_details", "", wrong)
    reader = _EntryReader(page, package, release)
    records, faults = list(reader.records(entries, problems)), problems
    if not faults:
        meta, faults = fields.get("meta"), Faults()
        found = contradictions(meta, reader.descriptions, reader.labels, len(entries))
        for field, problem in found:
            problems.add(page.error("meta", field, problem))
    scopes, layout = [Scope(release, package)], _layout(entries, reader)
    return ParsedDocument("page", layout, records, scopes, document.digest, [], faults)


def _release(document: Document, fields: dict[str, Any], package: str) -> str:
    """The tag: from the categories, else from a path like ``_cache/<tag>/<package>/specs.md``."""
    categories = fields.get("categories")
    if isinstance(categories, list) and len(categories) > 1:
        tag = categories[1]
        if isinstance(tag, str) and tag:
            return tag
        raise FormatError(
            f"{document.location}: categories[1]: expected a tag, found {quoted(tag)}"
        )
    folder = Path(document.path).absolute().parent
    if folder.name == package or folder.parent.parent.name == "_cache":
        return utf8_text(folder.parent.name)
    return LOCAL


class _Page(NamedTuple):
    """The location of a page and the line numbers of its fields, for messages."""

    location: str
    lines: dict[str, int]

    def error(self, field: str, place: str, problem: str) -> FormatError:
        line = f"line {self.lines[field]}: " if field in self.lines else ""
        return FormatError(f"{self.location}: {line}{field}{place}: {problem}")


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
        if not all(variants):
            raise ValueError("an empty variant")
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


class _EntryReader:
    """Reads the entries of ``spec_details``: fast if they are valid, else field by field."""

    def __init__(self, page: _Page, package: str, release: str) -> None:
        self._page = page
        self._release = release
        self.descriptions = _Descriptions(package)
        self.labels: Counter[tuple[str, ...]] = Counter()

    def records(self, entries: list[Any], problems: Faults) -> Iterator[SpecRecord]:
        """The records of the valid entries; adds the errors of the others to ``problems``."""
        descriptions, release, labels_of_all = self.descriptions, self._release, []
        for number, entry in enumerate(entries):
            try:
                versions, variants, stacks = entry["versions"], entry["variants"], entry["stacks"]
                (version,) = versions
                compiler, os, platform = entry["compiler"], entry["os"], entry["platform"]
                fields = (compiler, os, platform, entry["target"], version, *variants)
                labels = tuple(stacks)
                hash_ = entry["hash"]
                record = SpecRecord(hash_, descriptions[fields], _stack_keys(release, labels))
                is_valid = type(versions) is type(variants) is type(stacks) is list
                is_valid = is_valid and is_dag_hash(hash_) is not None
            except (KeyError, TypeError, ValueError, AttributeError):
                is_valid = False
            if not is_valid:
                try:
                    record, labels = self._read_field_by_field(entry)
                except BadFieldError as bad:
                    field, problem = bad.args
                    place = f"[{number}]{field}"
                    problems.add(self._page.error("spec_details", place, problem))
                    continue
            labels_of_all.append(labels)
            yield record
        self.labels.update(labels_of_all)

    def _read_field_by_field(self, entry: Any) -> tuple[SpecRecord, tuple[str, ...]]:
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
        return SpecRecord(hash_, description, _stack_keys(self._release, labels)), labels


def _layout(entries: Sequence[Any], reader: _EntryReader) -> str:
    """The years in which the site wrote this layout."""
    if entries and isinstance(entries[0], dict) and "tarball" in entries[0]:
        return "2023" if any(ROOT in labels for labels in reader.labels) else "2022"
    has_at_equals = any("@=" in (fields[0] or "") for fields in reader.descriptions)
    return "early 2025" if has_at_equals else "2025"


def _parse_page_of_2021(
    document: Document, fields: dict[str, Any], problems: Faults
) -> ParsedDocument:
    """A page of 2021, with a spec file beside it for each spec, and no stacks or release."""
    records: dict[str, SpecRecord] = {}
    versions: set[str | None] = set()
    digest = hashlib.sha256(document.data)
    for name in fields["spec_files"]:
        path = Path(document.path).with_name(name)
        location = str(Path(document.location).with_name(name))
        try:
            data = read_file(path, _LARGEST_SPEC_FILE, path.parent)
            digest.update(data)
            file = document._replace(location=location, path=str(path), data=data)
            file_records = [*specfile.read(file, problems.add).records]
        except OSError as exc:
            problems.add(FormatError(f"{location}: listed by the page, but {exc.strerror}"))
        except FormatError as exc:
            problems.add(exc)
        else:
            versions.update(record.description.version for record in file_records[:1])
            for record in file_records:
                records.setdefault(record.hash, record._replace(stacks=()))
    meta = fields.get("meta")
    if not problems and isinstance(meta, dict):
        in_meta = texts_or_value(meta.get("versions", []))
        if in_meta != versions:
            difference = describe_difference(in_meta, versions)
            problems.add(FormatError(f"{document.location}: meta.versions: {difference}"))
    return ParsedDocument("page", "2021", [*records.values()], [], digest.hexdigest(), [], Faults())
