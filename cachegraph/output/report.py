"""A report as one HTML file: headline figures, pictures, and the tables that they are made of."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from cachegraph.output.html import as_html
from cachegraph.output.printable import printable
from cachegraph.output.tables import Table

_MOST_ROWS, _FEW_ROWS = 300, 30
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: white;
  max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.7rem; margin-bottom: 0; } h2 { margin-top: 3rem; border-bottom: 1px solid #ccc; }
nav ul, .figures { list-style: none; padding: 0; display: flex; flex-wrap: wrap; }
nav ul, .figures { gap: .5rem 1.5rem; }
.figures li { border: 1px solid #ccc; border-radius: .4rem; padding: .4rem 1rem; }
.figures strong { display: block; font-size: 1.5rem; }
figure { margin: 1rem 0; overflow-x: auto; } figcaption { color: #555; }
img { max-width: max(100%, 44rem); height: auto; }
details { margin: 1rem 0; } summary { cursor: pointer; font-weight: 600; }
[role=group] { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { padding: .15rem .7rem; border-bottom: 1px solid #e5e5e5; } th { text-align: left; }
:focus-visible { outline: 3px solid #0072b2; }
@media print {
  body { padding: 0; } nav, details:not([open]) { display: none; }
  figure, [role=group] { overflow: visible; }
  h2 { break-after: avoid; } figure, tr { break-inside: avoid; }
  img { max-width: 100%; max-height: 20cm; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Figure(NamedTuple):
    """A number of the headline, and what it counts."""

    number: str
    noun: str


class Section(NamedTuple):
    """A section: a sentence, perhaps a picture as SVG with its description, and tables.

    The ``tables`` are folded, those in ``shown`` are not.
    """

    name: str
    title: str
    text: str
    tables: Sequence[Table]
    svg: bytes | None = None
    description: str = ""
    shown: Sequence[Table] = ()


def as_report(
    title: str, scope: str, figures: Sequence[Figure], sections: Sequence[Section]
) -> Iterator[str]:
    """The parts of the file, which asks for no other file and runs nothing."""
    yield (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{_text(title)}</h1>\n<p>{_text(scope)}</p>\n"
    )
    shown = "".join(f"<li><strong>{_text(f.number)}</strong> {_text(f.noun)}</li>" for f in figures)
    links = "".join(f'<li><a href="#{one.name}">{_text(one.title)}</a></li>' for one in sections)
    yield f'<ul class="figures">{shown}</ul>\n</header>\n'
    yield f'<nav aria-label="Sections"><ul>{links}</ul></nav>\n<main>\n'
    for section in sections:
        yield from _section(section)
    yield "</main>\n</body>\n</html>\n"


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{section.name}">\n<h2>{_text(section.title)}</h2>\n'
    if section.text:
        yield f"<p>{_text(section.text)}</p>\n"
    if section.svg is not None:
        data = b64encode(section.svg).decode()
        alt = _text(section.description)
        yield (
            f'<figure tabindex="0"><img alt="{alt}" src="data:image/svg+xml;base64,{data}">'
            f"<figcaption>{alt}</figcaption></figure>\n"
        )
    if any(table.rows for table in section.shown):
        yield _tables(section, section.shown)
    if any(table.rows for table in section.tables):
        rows = sum(len(table.rows) for table in section.tables)
        is_open = " open" if section.svg is None and rows <= _FEW_ROWS else ""
        yield f"<details{is_open}><summary>Tables: {_text(section.title)}</summary>"
        yield f"{_tables(section, section.tables)}</details>\n"
    elif section.svg is None:
        yield "<p>None.</p>\n"
    yield "</section>\n"


def _tables(section: Section, tables: Sequence[Table]) -> str:
    """Tables that may scroll sideways, by keys as well."""
    inside = as_html(tables, "", most_rows=_MOST_ROWS)
    return f'<div role="group" tabindex="0" aria-label="{_text(section.title)}">{inside}</div>'


def _text(value: str) -> str:
    return escape(printable(value))
