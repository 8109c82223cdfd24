"""The page of a package: its specs with facets, coverage, history and look-alikes."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import Any

from cachegraph.errors import NotFoundError
from cachegraph.model.schema import PACKAGE, VISIBLE
from cachegraph.output.tables import Table, counted, hash_cell, table_of
from cachegraph.web.addresses import PACKAGES, package_address, with_parameters
from cachegraph.web.facets import FACETS, chosen_rows, facets
from cachegraph.web.links import Part
from cachegraph.web.page import Page, Section, View

_COLUMNS = ("hash", "version", "compiler", "os", "target", "stacks", "variants")
_MOST_LOOKALIKES = 100
_FACTS = {
    "versions": "version",
    "compilers": "compiler",
    "operating systems": "os",
    "targets": "target",
}
STATIC_ROWS = 1000
"""Specs on one page of a site of files."""
Row = Mapping[str, Any]


def package(view: View, name: str, part: int = 1) -> Page:
    """The specs of a package; NotFoundError if there is no such package."""
    if view.asker.graph.store.find(PACKAGE, name) is None:
        raise NotFoundError(f"no package {name}", "the list of packages, or the search, may help")
    rows = view.asker.ask("find", spec=name).answer["specs"]
    chosen = chosen_rows(rows, view.parameters)
    path = package_address(name)
    shown = [*facets(rows, {} if view.is_static else view.parameters, path)]
    is_chosen = any(view.all(facet) for facet in FACETS)
    sections = [partial(_specs, view, name, chosen, part, is_chosen=is_chosen)]
    if part == 1:
        sections.insert(0, partial(_facts, view, rows))
        more = [partial(_lookalikes, view, name, rows)]
        more += [partial(_coverage, view, name), partial(_history, view, name)]
        sections += more
    return Page(
        part_address(name, part),
        name,
        sections,
        lambda: view.asker.ask("find", spec=name).answer,
        "package.html",
        scope=_summary(rows, chosen),
        about={
            "facets": shown,
            "all": path,
            "is_chosen": is_chosen,
            "parts": _parts(view, name, len(rows)),
            "part": part,
        },
        crumbs=[Part("packages", PACKAGES)],
    )


def part_address(name: str, part: int) -> str:
    """A part of the page of a package in a site of files."""
    return package_address(name) + (f"part-{part}/" if part > 1 else "")


def _parts(view: View, name: str, count: int) -> list[Part]:
    if not view.is_static or count <= STATIC_ROWS:
        return []
    numbers = range(1, -(-count // STATIC_ROWS) + 1)
    return [Part(f"part {number}", part_address(name, number)) for number in numbers]


def _summary(rows: Sequence[Row], chosen: Sequence[Row]) -> str:
    stacks = {stack for row in rows for stack in row["stacks"]}
    whole = f"{counted(len(rows), 'spec')} in {counted(len(stacks), 'stack')}"
    return whole if len(chosen) == len(rows) else f"{len(chosen)} of {whole}"


def _facts(view: View, rows: Sequence[Row]) -> Section:
    """The distinct values of the package, and how many specs each stack holds."""
    found = []
    for title, name in _FACTS.items():
        values = sorted({str(row[name]) for row in rows if name in row})
        found.append((title, len(values), ", ".join(values)))
    by_stack: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        for stack in row["stacks"]:
            by_stack[stack] += 1
    stacks = Table("stacks", ("stack", "specs"), sorted(by_stack.items()))
    facts = Table("values", ("", "number", "values"), found)
    tables = [view.links.table(facts), view.links.table(stacks, most=100 if view.is_static else 0)]
    return Section("values", "At a glance", template="folded.html", data=tables)


def _specs(view: View, name: str, rows: Sequence[Row], part: int, *, is_chosen: bool) -> Section:
    """The specs that are chosen, some on a page."""
    cells: Any = {"stacks": lambda row: " ".join(row["stacks"])}
    table = table_of("specs", _COLUMNS, rows, "", **cells)
    links, path = view.links, package_address(name)
    if view.is_static:
        shown = links.table(table, "", part, most=STATIC_ROWS)
        return Section("specs", "Specs", [shown._replace(pages=1)], template="specs.html")
    kept = {facet: view.all(facet) for facet in FACETS}
    address = with_parameters(path, {**kept, "section": "specs"})
    shown = links.table(table, "", view.number("page", 1, 1_000_000), address)
    text = "" if rows or not is_chosen else "No spec has all of these values."
    return Section("specs", "Specs", [shown], text, template="specs.html")


def _lookalikes(view: View, name: str, rows: Sequence[Row]) -> Section:
    """Specs that look the same and have different hashes, with links to why."""
    groups: defaultdict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        groups[visible(row)].append(row)
    alike = [group for group in groups.values() if len(group) > 1]
    redundant = sum(map(len, alike)) - len(alike)
    if not alike:
        return Section("lookalikes", "Look-alikes", text="No two specs of it look alike.")
    text = (
        f"{counted(len(alike), 'group')} of specs look the same and have different hashes: "
        f"{counted(redundant, 'build')} more than there are looks."
    )
    shown = [[hash_cell(row["hash"]) for row in group] for group in alike[:_MOST_LOOKALIKES]]
    data = {"groups": shown, "left": len(alike) - len(shown), "rows": alike[:_MOST_LOOKALIKES]}
    return Section("lookalikes", "Look-alikes", text=text, template="lookalikes.html", data=data)


def visible(row: Row) -> Hashable:
    """All that can be seen of a spec but its hash."""
    found = (row.get(name) for name in VISIBLE)
    return tuple(tuple(value) if isinstance(value, list) else value for value in found)


def _coverage(view: View, name: str) -> Section:
    """How many specs of it each target has; holes are targets that only others have."""
    found = view.asker.ask("coverage", all_releases=True).answer
    if name not in found["rows"]:
        return Section("coverage", "Coverage", text="No stack holds it.")
    counts = found["cells"][found["rows"].index(name)]
    rows = sorted(zip(found["columns"], counts, strict=True), key=lambda row: (row[1], row[0]))
    holes = [target for target, count in rows if not count]
    note = f"None for {', '.join(holes)}." if holes else "Each target has some."
    table = Table("coverage", ("target", "specs"), rows, note)
    return Section("coverage", "Coverage", [view.links.table(table)])


def _history(view: View, name: str) -> Section:
    """The versions in each release."""
    asked = view.asker.ask("history", package=name)
    return Section("history", "History", [view.links.table(one) for one in asked.tables()])
