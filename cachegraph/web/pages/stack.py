"""The pages of a stack: its card, and what can be asked of it."""

from functools import partial
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.selection.release_order import ordered_releases
from cachegraph.errors import NotFoundError
from cachegraph.model.stack_key import StackKey
from cachegraph.web.addresses import overlap_address, release_address, stack_address
from cachegraph.web.links import Part
from cachegraph.web.page import Page, Section, View, tables_section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BELOW = {
    "specs": "All specs",
    "unique": "Only here",
    "duplicates": "Built more than once",
    "causes": "Why built twice",
    "changes": "Since the release before",
}
"""The pages below that of a stack, and what they are called."""
_MOST_ROOTS = 2000


def stack(view: View, release: str, name: str, what: str = "") -> Page:
    """The card of a stack, or one of the pages below it; NotFoundError if there is none."""
    key = str(StackKey(release, name))
    if what and what not in BELOW:
        raise NotFoundError(f"a stack has no page {what}", f"it has {', '.join(BELOW)}")
    path = stack_address(key, what)
    crumbs = [Part(release, release_address(release))]
    crumbs += [Part(key, stack_address(key))] if what else []
    card = view.asker.ask("show", spec=key)
    pages = [("Card", stack_address(key), not what)]
    pages += [(title, stack_address(key, one), one == what) for one, title in BELOW.items()]
    if before(view, key) is None:
        pages.pop()
    if not what:
        sections: list[Callable[[], Section]] = [
            partial(_card, view, key),
            partial(_shares, view, key),
        ]
        document: Callable[[], Mapping[str, Any]] = lambda: card.answer  # noqa: E731  # of two
    else:
        question, parameters = _question(view, key, what)
        ask = partial(view.asker.ask, question, **parameters)
        sections = [lambda: tables_section(view, ask(), path, what)]
        document = lambda: ask().answer  # noqa: E731
    title = f"{BELOW[what]}: {key}" if what else key
    counts = card.answer["stacks"][0]
    return Page(
        path,
        title,
        sections,
        document,
        "stack.html",
        scope=f"{counts['specs']:,} specs of {counts['packages']:,} packages",
        about={"pages": pages},
        crumbs=crumbs,
    )


def before(view: View, key: str) -> str | None:
    """The same stack in the release before its own, if there is one."""
    release, name = StackKey.parse(key)
    stacks = view.asker.stacks()
    earlier = {one.name: one.before for one in ordered_releases(view.asker.graph.store)}
    last = earlier.get(release)
    found = str(StackKey(last, name)) if last else ""
    return found if found in stacks else None


def _question(view: View, key: str, what: str) -> tuple[str, dict[str, Any]]:
    """The question of a page below a stack, and its parameters."""
    if what == "changes":
        last = before(view, key)
        if last is None:
            raise NotFoundError(f"{key} is in no release before its own")
        return "diff", {"left": last, "right": key}
    questions: dict[str, tuple[str, dict[str, Any]]] = {
        "specs": ("find", {"spec": view.one("spec", "*"), "stacks": (key,)}),
        "unique": ("unique", {"stack": key}),
        "duplicates": ("duplicates", {"stacks": (key,), "by": "package"}),
        "causes": ("blame", {"stacks": (key,)}),
    }
    return questions[what]


def _card(view: View, key: str) -> Section:
    """The counts, and the roots by group."""
    asked = view.asker.ask("show", spec=key)
    release = StackKey.parse(key).release
    tables = [table for table in asked.tables() if table.section != "shares" and table.rows]
    views = [view.links.table(table, release, most=_MOST_ROOTS) for table in tables]
    return Section("card", "", views, template="stackcard.html")


def _shares(view: View, key: str) -> Section:
    """The stacks of its release that share most with it, each with a link to the overlap."""
    (card,) = view.asker.ask("show", spec=key).answer["stacks"]
    text = "" if card["shares"] else "No other stack of its release shares a spec with it."
    rows = [(one, overlap_address(key, one["key"])) for one in card["shares"]]
    title = "What it shares, and with whom"
    return Section("shares", title, text=text, template="shares.html", data=rows)
