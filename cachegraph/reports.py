"""Reports on stacks: what they share, what is built twice and why, what changed, what is proved."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cachegraph.analysis.selection.release_order import ordered_releases
from cachegraph.errors import CacheGraphError
from cachegraph.exports.files import atomic_file
from cachegraph.output.cause_tables import ranked_causes_table
from cachegraph.output.charts import CHARTS, chart_of
from cachegraph.output.packages_yaml import require_line
from cachegraph.output.report import Figure, Section, as_report
from cachegraph.output.tables import Table, counted
from cachegraph.question_methods import QuestionMethods
from cachegraph.questions import question_class

_PINS = _CAUSES_SHOWN = 10
_SHARED = "The Jaccard index of two stacks is how many specs both hold, of those that either holds."
_CAUSES = "Near-duplicates look the same and have different hashes: all but one are redundant."
_PINNED = (
    "Each pin is a line of packages.yaml. The numbers are upper bounds: the "
    "concretizer may choose otherwise."
)
Chosen = Mapping[str, Any]
"""The parameters that choose the stacks."""


def write_report(graph: QuestionMethods, path: Path, chosen: Chosen) -> None:
    """Writes the report on the chosen stacks as one HTML file.

    Pictures are left out without vl-convert.
    """
    stacks = graph.shared(at_least=1, **chosen)
    scope = stacks["scope"]
    duplicates = graph.duplicates(**chosen)
    figures = [
        Figure(f"{scope['stacks']:,}", "stacks"),
        Figure(f"{len(stacks['specs']):,}", "specs"),
        Figure(f"{sum(len(row['stacks']) > 1 for row in stacks['specs']):,}", "in several stacks"),
        Figure(f"{duplicates['redundant']:,}", "redundant builds"),
    ]
    sections = [*_sections(graph, chosen, scope["releases"])]
    with atomic_file(path) as write:
        for part in as_report(
            "What these stacks share and build twice", scope["text"], figures, sections
        ):
            write(part)


def _sections(graph: QuestionMethods, chosen: Chosen, releases: list[str]) -> Iterator[Section]:
    asked: list[tuple[str, str, str, Callable[[], Any]]] = [
        ("shared", "What the stacks share", _SHARED, lambda: graph.matrix(**chosen)),
        (
            "together",
            "Which stacks hold the same versions",
            "",
            lambda: graph.shared(at_least=1, level="version", **chosen),
        ),
        ("causes", "Why the same is built twice", _CAUSES, lambda: graph.blame(fix=True, **chosen)),
        ("pins", "What would stop it", _PINNED, lambda: graph.what_if(best=_PINS, **chosen)),
        (
            "packages",
            "Packages that a stack has more than once",
            "",
            lambda: graph.duplicates(by="package", **chosen),
        ),
        ("coverage", "Holes in the coverage", "", lambda: graph.coverage(**chosen)),
    ]
    for name, title, text, ask in asked:
        # What cannot be asked of these stacks, such as to compare one alone, has no section.
        with suppress(CacheGraphError):
            yield _section(name, title, text, ask())
    before = {one.name: one.before for one in ordered_releases(graph.store)}
    if len(releases) == 1 and (last := before.get(releases[0])):
        with suppress(CacheGraphError):
            answer = graph.diff(last, releases[0])
            yield _section("changes", f"What changed since {last}", "", answer)
    proof = _without_folders(graph.verify())
    proved, specs = (sum(row[name] for row in proof["sources"]) for name in ("equal", "specs"))
    text = f"Of all sources in the store, {proved:,} of {specs:,} hashes follow from their bytes."
    yield _section("proof", "How far the hashes are proved", text, proof)


def _without_folders(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of ``verify``, its locations without the folder that all local ones are in.

    The report is mailed; where its author keeps the files is nobody's business.
    """
    local = [row["location"] for row in answer["sources"] if Path(row["location"]).is_absolute()]
    folder = f"{os.path.commonpath([Path(one).parent for one in local])}{os.sep}" if local else ""
    shown = {
        name: [
            {**row, "location": row["location"].removeprefix(folder)} if "location" in row else row
            for row in answer[name]
        ]
        for name in ("sources", "problems")
    }
    return {**answer, **shown}


def _section(name: str, title: str, text: str, answer: Mapping[str, Any]) -> Section:
    tables = [*question_class(answer["question"])(**_needed(answer)).tables(answer)]
    svg, description = _picture(answer)
    shown = [_SHOWN[answer["question"]](answer)] if answer["question"] in _SHOWN else []
    return Section(name, title, text, tables, svg, description, shown)


def _needed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without which the question of an answer cannot be made again."""
    if answer["question"] == "diff":
        return {"left": answer["left"]["key"], "right": answer["right"]["key"]}
    return {"by": answer["by"]} if answer["question"] in ("duplicates", "coverage") else {}


def _pins_table(answer: Mapping[str, Any]) -> Table:
    """The lines of packages.yaml for the pins."""
    rows = [(step["pin"], require_line(step["require"]), step["saved"]) for step in answer["steps"]]
    note = f"{counted(len(rows), 'pin')}, as packages.yaml"
    return Table("require", ("pin", "packages.yaml", "saves at most"), rows, note)


def _costliest_table(answer: Mapping[str, Any]) -> Table:
    """The most costly causes, and the line of packages.yaml that removes each."""
    leads = [cause for cause in answer["causes"] if "comes_with" not in cause][:_CAUSES_SHOWN]
    table = ranked_causes_table(answer, "")
    place = table.columns.index("package")
    rows = [
        (cause["redundant"], ": ".join(row[place : place + 2]), cause.get("fix", "none"))
        for cause, row in zip(leads, table.rows, strict=False)
    ]
    note = "The most costly causes; the line removes the cause"
    return Table("costliest", ("redundant", "cause", "packages.yaml"), rows, note)


_SHOWN = {"blame": _costliest_table, "what-if": _pins_table}
"""The tables that are not folded, by question."""


def _picture(answer: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """The picture of an answer and its description, if there is one and vl-convert is there."""
    if answer["question"] in CHARTS:
        with suppress(ImportError, ValueError):
            from cachegraph.output.charts.rendering import render_chart

            chart = chart_of(answer)
            return render_chart(chart, answer.get("scope", {}), "svg"), chart.description
    return None, ""
