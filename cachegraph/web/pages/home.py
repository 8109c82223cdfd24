"""The first page, releases, and the list of packages."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from cachegraph.analysis.comparison.levels import LEVELS
from cachegraph.analysis.selection.release_order import ordered_releases
from cachegraph.errors import NotFoundError
from cachegraph.model.stack_key import DEVELOP, ROOT, StackKey
from cachegraph.output.tables import table_of
from cachegraph.web.addresses import (
    HOME,
    PACKAGES,
    package_address,
    question_address,
    release_address,
    segment,
)
from cachegraph.web.heatmap import MOST, heatmap
from cachegraph.web.links import Part
from cachegraph.web.page import Page, Section, View

_ON_A_PAGE = 500


def home(view: View) -> Page:
    """The releases, and the stacks of one of them with what they share."""
    names = [one["name"] for one in view.asker.releases()]
    shown = DEVELOP if DEVELOP in names else _last(view, names)
    sections = [partial(_releases, view)]
    sections += [*_stacks_of(view, shown, "hash")] if shown else []
    return Page(
        HOME,
        "What Spack stacks share",
        sections,
        lambda: view.asker.ask("releases").answer,
        "home.html",
        about={"counts": view.asker.ask("stats").answer["nodes"], "release": shown},
    )


def release(view: View, name: str, level: str = "") -> Page:
    """A release: its stacks, and what they share at a level."""
    if name not in {one["name"] for one in view.asker.releases()}:
        raise NotFoundError(f"no release {name}", "the first page lists them")
    if level and level not in LEVELS:
        raise NotFoundError(f"no level {level}", f"there are {', '.join(LEVELS)}")
    level = level or "hash"
    return Page(
        release_address(name, level if level != "hash" else ""),
        f"Release {name}",
        [*_stacks_of(view, name, level), partial(_questions, name)],
        partial(_release_document, view, name, level),
        crumbs=[Part("releases", HOME)],
    )


def _release_document(view: View, name: str, level: str) -> Mapping[str, Any]:
    if _compared(view, name):
        return view.asker.ask("matrix", release=name, level=level).answer
    return view.asker.ask("stacks", release=name).answer


def _last(view: View, names: list[str]) -> str:
    ordered = [one.name for one in ordered_releases(view.asker.graph.store)]
    return (ordered or names or [""])[-1]


def _releases(view: View) -> Section:
    asked = view.asker.ask("releases")
    if not asked.answer["releases"]:
        text = "Nothing has been imported yet: cachegraph import --help says how."
        return Section("releases", "Releases", text=text)
    rows = [{**row, "release": row["name"]} for row in asked.answer["releases"]]
    table = table_of("releases", ("release", "stacks", "specs"), rows)
    return Section("releases", "Releases", [view.links.table(table)])


def _compared(view: View, release: str) -> list[str]:
    """The stacks of a release that are compared: all but root."""
    return [key for key in view.asker.stacks_of(release) if StackKey.parse(key).name != ROOT]


def _stacks_of(view: View, release: str, level: str) -> list[partial[Section]]:
    return [partial(_stack_table, view, release), partial(_heatmap, view, release, level)]


def _stack_table(view: View, release: str) -> Section:
    asked = view.asker.ask("stacks", release=release)
    (table,) = asked.tables()
    title = f"Stacks of {release}"
    return Section("stacks", title, [view.links.table(table, release, most=1000)])


def _heatmap(view: View, release: str, level: str) -> Section:
    """What each pair of stacks of a release shares; nothing where there is one stack."""
    title, count = "What the stacks share", len(_compared(view, release))
    if count < 2:  # noqa: PLR2004  # a pair
        return Section("heatmap", title, text="There is only one stack to compare.")
    asked = view.asker.ask("matrix", release=release, level=level)
    if count > MOST:
        (_, pairs) = asked.tables()
        text = f"{count} stacks are too many for a heatmap. These pairs share anything."
        return Section("heatmap", title, [view.links.table(pairs, release)], text)
    levels = [(name, release_address(release, name if name != "hash" else "")) for name in LEVELS]
    data = {"rows": heatmap(asked.answer), "level": level, "levels": levels}
    return Section("heatmap", title, template="heatmap.html", data=data)


def _questions(release: str) -> Section:
    """Links to what can be asked of the stacks of a release."""
    asked = {
        "blame": "Why the same is built twice",
        "what-if": "What pins would save",
        "duplicates": "Near-duplicates",
        "shared": "Specs that several stacks hold",
        "coverage": "Coverage",
    }
    links = [Part(text, question_address(name, release=release)) for name, text in asked.items()]
    return Section("questions", "Ask further", links=links)


def packages(view: View, letter: str = "") -> Page:
    """The names of the packages, by their first letter."""
    names = view.asker.packages()
    letters = sorted({name[:1].lower() for name in names})
    is_short = len(names) <= _ON_A_PAGE
    letter = letter or ("" if is_short or not letters else letters[0])
    shown = [name for name in names if not letter or name[:1].lower() == letter]
    data = [Part(name, package_address(name)) for name in shown]
    return Page(
        packages_address(letter),
        f"Packages: {letter}" if letter else "Packages",
        [lambda: Section("packages", "", links=data, template="names.html", data=data)],
        lambda: {"packages": names},
        about={"letters": [] if is_short else [(one, packages_address(one)) for one in letters]},
    )


def packages_address(letter: str) -> str:
    """The page of the packages that begin with a letter; without one the first page of them."""
    return f"{PACKAGES}{segment(letter)}/" if letter else PACKAGES
