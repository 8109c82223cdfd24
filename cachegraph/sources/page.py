"""A package's page of cache.spack.io, in the layout of any year."""

import hashlib
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from cachegraph.errors import FormatError, quoted
from cachegraph.model.spec import Scope, SpecGroup, SpecRecord
from cachegraph.model.stack_key import LOCAL, ROOT
from cachegraph.model.utf8_text import utf8_text
from cachegraph.sources import (
    Document,
    ErrorHandler,
    Faults,
    ParsedDocument,
    frontmatter,
    page_entries,
    specfile,
)
from cachegraph.sources.files import read_file
from cachegraph.sources.jsontext import parse_leniently
from cachegraph.sources.page_entries import EntryReader, HashesByEntry
from cachegraph.sources.pagemeta import (
    contradictions,
    describe_difference,
    json_type,
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
    front_matter = frontmatter.parse_as_json(lines, page_entries.parse)
    if front_matter and (grouped := _parse_groups(document, front_matter)):
        return grouped
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


def _parse_groups(
    document: Document, front_matter: frontmatter.FrontMatter
) -> ParsedDocument | None:
    """The contents of a page as the site writes it, without any fault; None of another."""
    fields = front_matter.fields
    entries = fields.get("spec_details")
    if not isinstance(entries, HashesByEntry):
        return None
    page = _page(document, front_matter)
    reader = EntryReader(page.error, page.package, page.release)
    groups = reader.groups(entries)
    if groups is None or any(_contradictions(fields, reader)):
        return None
    records = chain.from_iterable(map(SpecGroup.records, groups))
    layout = _layout(reader, has_tarballs='"tarball":' in next(iter(entries)))
    scopes = [Scope(page.release, page.package)]
    return ParsedDocument("page", layout, records, scopes, document.digest, [], Faults(), groups)


def _parse(
    document: Document, front_matter: frontmatter.FrontMatter, problems: Faults
) -> ParsedDocument:
    """The contents of a page; adds to ``problems`` what is wrong in it."""
    fields = front_matter.fields
    if "spec_files" in fields:
        return _parse_page_of_2021(document, fields, problems)
    page = _page(document, front_matter)
    entries = fields.get("spec_details")
    if not isinstance(entries, list):
        wrong = "is missing" if entries is None else f"expected a list, found {json_type(entries)}"
        raise page.error("spec_details", "", wrong)
    reader = EntryReader(page.error, page.package, page.release)
    records, faults = list(reader.records(entries, problems)), problems
    if not faults:
        faults = Faults()
        for field, problem in _contradictions(fields, reader):
            problems.add(page.error("meta", field, problem))
    has_tarballs = bool(entries) and isinstance(entries[0], dict) and "tarball" in entries[0]
    scopes, layout = [Scope(page.release, page.package)], _layout(reader, has_tarballs=has_tarballs)
    return ParsedDocument("page", layout, records, scopes, document.digest, [], faults)


def _contradictions(fields: dict[str, Any], reader: EntryReader) -> Iterator[tuple[str, str]]:
    entries = reader.labels.total()
    return contradictions(fields.get("meta"), reader.descriptions, reader.labels, entries)


def _page(document: Document, front_matter: frontmatter.FrontMatter) -> "_Page":
    fields = front_matter.fields
    package = fields.get("title")
    if package is None:
        path = Path(document.path).absolute()
        package = utf8_text(path.parent.name) if path.name in _FILE_NAMES_OF_ALL_YEARS else None
    if not isinstance(package, str) or not package:
        raise FormatError(
            f"{document.location}: title: expected a package name, found {quoted(package)}"
        )
    release = document.user_names.release or _release(document, fields, package)
    return _Page(document.location, front_matter.lines, package, release)


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
    """The location of a page and the line numbers of its fields, for messages; what it lists."""

    location: str
    lines: dict[str, int]
    package: str
    release: str

    def error(self, field: str, place: str, problem: str) -> FormatError:
        line = f"line {self.lines[field]}: " if field in self.lines else ""
        return FormatError(f"{self.location}: {line}{field}{place}: {problem}")


def _layout(reader: EntryReader, *, has_tarballs: bool) -> str:
    """The years in which the site wrote this layout."""
    if has_tarballs:
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
