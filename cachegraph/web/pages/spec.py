"""The page of a spec: its card, what is around it, where it was seen, and its look-alikes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from cachegraph.model.stack_key import StackKey
from cachegraph.output.tables import Table, counted, hash_cell, shown_bytes, table_of
from cachegraph.reading.remote import is_remote
from cachegraph.web.addresses import (
    PACKAGES,
    package_address,
    spec_address,
    why_address,
)
from cachegraph.web.links import Cell, Part, hash_part
from cachegraph.web.neighbours import neighbourhood
from cachegraph.web.page import Page, Section, View
from cachegraph.web.pages.package import visible

_DEEPEST = 4
_DEPTYPES = ("build", "link", "run", "test")
_FARM = "https://binaries.spack.io"
"""The mirrors of Spack's public build farm are below it, one for each stack of a release."""
_FOLDERS_OF_A_CACHE = ("/build_cache/", "/v3/", "/v2/")
_SHOWN = ("version", "compiler", "os", "target", "platform", "namespace", "package_hash", "alike")
Card = Mapping[str, Any]


def spec(view: View, hash_: str) -> Page:
    """All that is known of a spec, by its whole hash or the beginning of it."""
    asked = view.asker.ask("show", spec=f"/{hash_}")
    (card,) = asked.answer["specs"]
    name = str(card.get("package", "unknown package"))
    sections = [
        partial(_card, card),
        partial(_around, view, card),
        partial(_seen, view, card),
        partial(_lookalikes, view, card),
    ]
    return Page(
        spec_address(card["hash"]),
        f"{name}@{card.get('version', '?')} /{card['hash'][:7]}",
        sections,
        lambda: asked.answer,
        "spec.html",
        about={"hash": card["hash"], "install": [*install_lines(card)]},
        crumbs=[Part("packages", PACKAGES), Part(name, package_address(name))],
    )


def install_lines(card: Card) -> Iterator[str]:
    """What to type to install the spec from where it was seen; the mirror where it is known."""
    if mirror := next(_mirrors(card), None):
        yield f"spack mirror add cachegraph-source {mirror}"
        yield "spack buildcache keys --install --trust"
        yield f"spack install --cache-only /{card['hash']}"
    else:
        yield f"spack install /{card['hash']}"


def _mirrors(card: Card) -> Iterator[str]:
    """The build caches that a source of the spec lies in, then those of the public farm."""
    for source in card["sources"]:
        location = source.get("location", "")
        for folder in _FOLDERS_OF_A_CACHE:
            if is_remote(location) and folder in location:
                yield location.partition(folder)[0]
    if any(source.get("format") == "page" for source in card["sources"]):
        for key in card["stacks"]:
            release, name = StackKey.parse(key)
            if name != "root":
                yield f"{_FARM}/{release}/{name}"


def _card(card: Card) -> Section:
    """The properties, its proof, and its variants in full."""
    facts = [(name, [Part(str(card[name]))]) for name in _SHOWN if card.get(name)]
    if "size" in card:
        facts.append(("archive", [Part(shown_bytes(card["size"]))]))
    lists = ("variants", "flags", "provides", "modules")
    facts += [(name, [Part(" ".join(card[name]))]) for name in lists if card.get(name)]
    if card.get("external"):
        facts.append(("external", [Part(card.get("prefix") or "installed outside Spack")]))
    if card.get("deprecated_for"):
        facts.append(("deprecated for", [hash_part(hash_cell(card["deprecated_for"]))]))
    facts.append(("hash proved", [Part(_proof(card))]))
    return Section("card", "Card", template="card.html", data=facts)


def _proof(card: Card) -> str:
    """Whether the hash follows from what the sources hold."""
    if card.get("verified"):
        return "yes: it follows from what a source holds"
    if "recomputed" in card:
        return f"no: what its source holds gives /{card['recomputed']}"
    return "unknown: its sources do not hold all that the hash is made of"


def _around(view: View, card: Card) -> Section:
    """The drawing, and the dependencies and dependents as tables."""
    depth = view.number("depth", 1, _DEEPEST)
    deptypes = view.all("deptypes")
    asked = {"spec": f"/{card['hash']}", "deptypes": tuple(deptypes)}
    if depth == 1:  # the whole tree may be a thousand times larger
        tree = [{**card, "level": 0}, *_direct(card, deptypes)]
    else:
        tree = view.asker.ask("deps", tree=True, **asked).answer["tree"]
    dependents = view.asker.ask("dependents", **asked).answer["specs"]
    if not dependents and len(tree) <= 1:
        text = "No dependencies of it are recorded, and nothing that depends on it."
        return Section("around", "Dependencies and dependents", text=text)
    found = neighbourhood(card, dependents, tree, depth)
    needs = _uses_table(view, "dependencies", card["dependencies"])
    needed = _uses_table(view, "dependents", dependents)
    text = (
        f"{counted(card['dependents'], 'spec')} depend on it directly (left), and it depends on "
        f"{counted(len(card['dependencies']), 'spec')} directly (right). "
        "Dashed lines are needed only to build."
    )
    form = {
        "depth": depth,
        "depths": range(1, _DEEPEST + 1),
        "deptypes": [(name, name in deptypes) for name in _DEPTYPES],
    }
    data = {"neighbourhood": found, "form": form, "tables": [needs, needed]}
    return Section(
        "around", "Dependencies and dependents", text=text, template="around.html", data=data
    )


def _direct(card: Card, deptypes: Sequence[str]) -> Iterator[Card]:
    """The rows of a tree that has the direct dependencies only."""
    for row in card["dependencies"]:
        if not deptypes or not {*deptypes}.isdisjoint(row.get("deptypes", ())):
            yield {**row, "level": 1}


def _uses_table(view: View, name: str, rows: Sequence[Card]) -> Any:
    columns = ("package", "version", "hash", "deptypes", "virtuals")
    table = table_of(name, columns, rows, f"Direct {name}: {len(rows)}")
    return view.links.table(table, most=500)


def _seen(view: View, card: Card) -> Section:
    """The stacks that hold it, those of which it is a root, and the sources that describe it."""
    roots = {*card["roots"]}
    stacks = [(key, "yes" if key in roots else "") for key in card["stacks"]]
    tables = [Table("stacks", ("stack", "a root of it"), stacks, counted(len(stacks), "stack"))]
    if card["requests"]:
        tables.append(Table("requests", ("asked for as",), [(one,) for one in card["requests"]]))
    columns = ("location", "format", "format_version", "imported_at")
    tables.append(table_of("sources", columns, card["sources"], "Sources that describe it"))
    return Section("seen", "Where it was seen", [view.links.table(table) for table in tables])


def _lookalikes(view: View, card: Card) -> Section:
    """The specs that look the same, each with a link to why it has another hash."""
    title = "Look-alikes"
    if "package" not in card:
        return Section("lookalikes", title, text="Its package is unknown.")
    rows = view.asker.ask("find", spec=card["package"]).answer["specs"]
    look = visible(card)
    same = [row for row in rows if row["hash"] != card["hash"] and visible(row) == look]
    if not same:
        return Section("lookalikes", title, text="No other spec looks like it.")
    text = f"Of the same look, with another hash: {counted(len(same), 'spec')}."
    data = [
        (
            Cell([hash_part(hash_cell(row["hash"]))]),
            why_address(card["hash"], row["hash"]),
            row["stacks"],
        )
        for row in same[:200]
    ]
    return Section("lookalikes", title, text=text, template="same.html", data=data)
