"""``cache_spack_io_index.json``: the indexes of a site, by release and stack."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cachegraph.errors import quoted
from cachegraph.sources import Document, ErrorHandler, FaultReporter
from cachegraph.sources.jsontext import parse_json, strip_signature

_HEAD = 64 << 10
# Releases without indexes may come first.
_BEGINS_WITH_ENTRY = re.compile(
    rb'\s*\{(\s*"[^"\\]+"\s*:\s*\[\s*\]\s*,)*\s*"[^"\\]+"\s*:\s*\[\s*\{'
    rb'(?:[^{}"]|"[^"]*")*?"(label|url)"\s*:'
).match


class SiteIndexEntry(NamedTuple):
    """One index of the site."""

    release: str
    stack: str
    url: str


def accepts(document: Document) -> bool:
    """Whether the text is an object of lists of labels and addresses."""
    return _BEGINS_WITH_ENTRY(strip_signature(document.data), 0, _HEAD) is not None


def read_entries(document: Document, report: ErrorHandler) -> Iterator[SiteIndexEntry]:
    """The indexes of the site; reports an entry without a label or an address."""
    report_fault = FaultReporter(document.location, report)
    for release, entries in parse_json(document).items():
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            match entry:
                case {"label": str(label), "url": str(url)} if label and url and url.isprintable():
                    yield SiteIndexEntry(release, label, url)
                case _:
                    fault = f"expected a label and a url, found {quoted(entry)}"
                    report_fault(f"{release}[{number}]: {fault}")
    for error in report_fault.faults.rest(document.location):
        report(error)
