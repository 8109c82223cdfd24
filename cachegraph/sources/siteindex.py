"""``cache_spack_io_index.json``: for each release, the indexes of its stacks and where they are."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cachegraph.errors import FormatError
from cachegraph.sources import Document, Report
from cachegraph.sources.jsontext import parse, unsigned

# The first that is not empty tells.
_LABELLED = re.compile(
    rb'\s*\{(\s*"[^"\\]+"\s*:\s*\[\s*\]\s*,)*\s*"[^"\\]+"\s*:\s*\[\s*\{\s*"(label|url)"\s*:'
).match


class Listed(NamedTuple):
    """One index of the site."""

    release: str
    stack: str
    url: str


def accepts(document: Document) -> bool:
    """Whether the text is an object of lists of labels and addresses."""
    return _LABELLED(unsigned(document.data)) is not None


def listed(document: Document, report: Report) -> Iterator[Listed]:
    """The indexes that it names; an entry without label or address is reported."""
    site = parse(document)
    for release, entries in site.items():
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            match entry:
                case {"label": str(label), "url": str(url)} if label and url and url.isprintable():
                    yield Listed(release, label, url)
                case _:
                    report(
                        FormatError(
                            f"{document.location}: {release}[{index}]: expected a label and a "
                            f"url, found {str(entry)[:60]}"
                        )
                    )
