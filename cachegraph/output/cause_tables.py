"""Tables of causes: of near-duplicates, of two hashes, of rebuilt specs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cachegraph.output.tables import HASH_LENGTH, Cell, Table, counted, size_cell, table_of

_CAUSE_COUNTS = ("redundant", "alone", "groups")
_VALUES_SHOWN = 3


def cause_value(kind: str, value: str | None) -> str:
    """A value of a cause: ``-`` where it is absent, and of a recipe's hash the beginning."""
    if value is None:
        return "-"
    return value[:HASH_LENGTH] if kind == "recipe" else value


def causes_table(
    columns: Sequence[str], causes: Sequence[Mapping[str, Any]], note: str, **cells: Cell
) -> Table:
    """The causes of differences, with the value of either side."""
    cells["left"] = lambda cause: cause_value(cause["kind"], cause["left"])
    cells["right"] = lambda cause: cause_value(cause["kind"], cause["right"])
    return table_of("causes", columns, causes, note, **cells)


def ranked_causes_table(answer: Mapping[str, Any], note: str) -> Table:
    """The causes of near-duplicates, each with those that come with it; counts come first."""
    rows = _together(answer["causes"])
    columns = [*_CAUSE_COUNTS]
    if any("bytes" in cause for cause in rows):
        columns.insert(1, "size")
    columns += ["roots"] if any("roots" in cause for cause in rows) else []
    columns += ["stacks"] if len(answer["stacks"]) > 1 else []
    cells: dict[str, Cell] = {
        "size": size_cell("bytes"),
        "roots": lambda row: len(row.get("roots", ())),
        "stacks": lambda row: len(row["stacks"]),
        "cause": lambda row: "; ".join(map(_cause_text, row["causes"])),
    }
    columns += ["package", "cause"]
    columns += ["fix"] if any("fix" in cause for cause in rows) else []
    return table_of("causes", columns, rows, note, **cells)


def _cause_text(cause: Mapping[str, Any]) -> str:
    """A cause in words: its kind and its values, of a recipe the kind alone."""
    kind, values = str(cause["kind"]), cause["values"]
    if kind == "recipe":
        return kind
    shown = ", ".join(values[:_VALUES_SHOWN])
    more = len(values) - _VALUES_SHOWN
    # The values of variants have their names in them.
    named = shown if kind == "variant" else f"{kind} {shown}"
    return named + (f" and {more} more" if more > 0 else "")


def _together(causes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each cause that comes with no other; ``causes`` has those that come with it."""
    rows: list[dict[str, Any]] = []
    leads: dict[tuple[str, str, str], dict[str, Any]] = {}
    for cause in causes:
        lead = cause.get("comes_with")
        if lead is None:
            rows.append({**cause, "causes": [cause]})
            leads.setdefault((cause["package"], cause["kind"], cause["attribute"]), rows[-1])
        else:
            leads[cause["package"], lead["kind"], lead["attribute"]]["causes"].append(cause)
    return rows


def rebuild_causes_table(causes: Sequence[Mapping[str, Any]]) -> Table:
    """The causes of rebuilt specs, each with those that come with it."""
    rows = _together(causes)
    cells: dict[str, Cell] = {
        "cause": lambda row: "; ".join(dict.fromkeys(map(change_text, row["causes"])))
    }
    note = counted(len(rows), "cause") + " of the rebuilt specs" if rows else ""
    return table_of("causes", ("rebuilt", "package", "cause"), rows, note, **cells)


def cause_text(cause: Mapping[str, Any]) -> str:
    """A cause of rebuilt specs in words, with its package."""
    return f"{cause['package']} {change_text(cause)}".strip()


def change_text(cause: Mapping[str, Any]) -> str:
    """What changed, in words."""
    kind, attribute, left, right = (cause[name] for name in ("kind", "attribute", "left", "right"))
    if kind == "recipe":
        return "recipe"
    if kind == "dependency" and None in (left, right):
        text = f"{right} as a dependency" if left is None else f"no dependency on {attribute}"
        return text + (f", {counted(cause['packages'], 'package')}" if "packages" in cause else "")
    names = {"variant": "", "dependency": attribute, "provider": f"provider of {attribute}"}
    name = names.get(kind, kind)
    return f"{name} {left or 'none'} -> {right or 'none'}".strip()


def first_demands(demands: Sequence[Mapping[str, Any]], *, values: bool = False) -> str:
    """The first few who need a value; with ``values`` also which one."""
    texts = [*dict.fromkeys(_demand_text(one, values=values) for one in demands)]
    more = len(texts) - _VALUES_SHOWN
    return ", ".join(texts[:_VALUES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _demand_text(demand: Mapping[str, Any], *, values: bool) -> str:
    if "request" in demand:
        return f"root {demand['request']} of {demand['stack']}"
    return f"{demand['package']} needs {demand['value']}" if values else str(demand["package"])
