"""Tables of what stacks can build once: layers, the specs of a base, and those refused."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.output.tables import (
    SPEC_COLUMNS,
    Cell,
    Table,
    counted,
    hash_cell,
    shown_bytes,
    size_cell,
    stack_names,
    table_of,
)

_FEW = 3


def base_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The sections of an answer of ``base``; those on pins or another stack only with these."""
    changed = bool(answer["pins"]) or "unified" in answer
    columns = ("key", "specs", *(("after", "taken") if changed else ()))
    yield table_of("stacks", columns, answer["stacks"], _note(answer))
    names = stack_names([stack["key"] for stack in answer["stacks"]])
    yield _layers(answer, names)
    top = sum(row["topmost"] for row in answer["base"])
    note = f"{counted(len(answer['base']), 'spec')} for a base, {top} of them topmost"
    if "unified" in answer:
        note += f", all as {answer['unified']} has them"
    cells: dict[str, Cell] = {"topmost": lambda row: "yes" if row["topmost"] else ""}
    base_columns = (*SPEC_COLUMNS[:-1], "topmost", SPEC_COLUMNS[-1])
    yield table_of("base", base_columns, answer["base"], note, **cells)
    if "unified" in answer:
        yield _refused(answer)
    if answer["pins"]:
        shown = {"saves at most": "saved", "leaves": "after"}
        yield table_of("pins", ("pin", *shown), answer["pins"], **shown)


def _note(answer: Mapping[str, Any]) -> str:
    """What is saved, and what more would be."""
    union, separate = answer["union"], answer["separate"]
    note = f"{counted(union, 'build')} instead of {separate} if equal ones are built once"
    if answer.get("saved_bytes"):
        note += f", {shown_bytes(answer['saved_bytes'])} of archives less"
    if answer["after"] != union:
        note += f"; {answer['after']} then"
    return f"{note}; {answer['shared']} in two or more stacks"


def _layers(answer: Mapping[str, Any], names: Any) -> Table:
    cells: dict[str, Cell] = {
        "in": lambda row: len(row["stacks"]),
        "stacks": lambda row: names(row["stacks"]),
        "size": size_cell("bytes"),
        "needs": lambda row: " ".join(map(str, row["needs"])),
    }
    sized = ("size",) if any("bytes" in row for row in answer["layers"]) else ()
    columns = ("layer", "specs", *sized, "saved", "in", "needs", "stacks")
    shown, every = len(answer["layers"]), answer["all_layers"]
    note = counted(every, "layer") if shown == every else f"{shown} of {counted(every, 'layer')}"
    return table_of("layers", columns, answer["layers"], note, **cells)


def _refused(answer: Mapping[str, Any]) -> Table:
    cells: dict[str, Cell] = {
        "because": because,
        "offered": lambda row: hash_cell(row["offered"]),
    }
    columns = ("stack", "package", "version", "hash", "offered", "because")
    note = f"{counted(len(answer['refused']), 'spec')} that stacks cannot take the base's for"
    return table_of("refused", columns, answer["refused"], note, **cells)


def because(row: Mapping[str, Any]) -> str:
    """Why a spec is not taken, in words."""
    by = ", ".join(row["by"][:_FEW])
    if (more := len(row["by"]) - _FEW) > 0:
        by += f" and {more} more"
    reason = row["reason"]
    if reason == "requested":
        return f"requested: {by}"
    if reason == "needed":
        value = f"@={row['value']}" if row["attribute"] == "version" else row["value"]
        return f"{value} needed by {by}"
    if reason == "dependency":
        return f"needs another {by}"
    return "external" if reason == "external" else f"{reason} {row['value']}"
