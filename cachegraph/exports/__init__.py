"""Writes a graph, or a part of one, to files that other programs read.

A format is a module of this folder with a function ``export``, and an entry in ``FORMATS``.
"""

import os
from collections.abc import Iterable
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Protocol, cast

from cachegraph.errors import UsageError

if TYPE_CHECKING:
    from cachegraph.model.elements import Element

FORMATS: dict[str, tuple[str, ...]] = {
    "graphml": (".graphml", ".graphml.gz"),
    "neo4j-admin": (),
    "parquet": (),
    "gexf": (".gexf",),
    "cyjs": (".cyjs",),
    "node-link": (".json",),
    "sqlite": (".sqlite",),
}
"""Each format, and the endings of file names that stand for it."""
IN_MEMORY = ("gexf", "cyjs", "node-link")
"""The formats that NetworkX writes from a graph in memory; they have a limit."""


class Exporter(Protocol):
    """A module with the function that writes a format."""

    def export(self, elements: Iterable["Element"], path: str | os.PathLike[str]) -> int:
        """Writes all elements to a path; returns the number of nodes and relationships."""


def format_of(path: str, format_: str | None = None, *, plain: bool = False) -> str:
    """The format that is named, else that of the path's ending; ``plain`` is for SQLite alone.

    UsageError if there is no such format, or if no format has the path's ending.
    """
    if format_ is None:
        found = (name for name, endings in FORMATS.items() if path.endswith(endings))
        format_ = next(found, "sqlite" if plain else None)
        if format_ is None:
            endings = ", ".join(chain.from_iterable(FORMATS.values()))
            hint = f"name the format: --format with one of {', '.join(FORMATS)}"
            raise UsageError(f"{path}: the name ends in none of {endings}", hint)
    if format_ not in FORMATS:
        raise UsageError(f"no format {format_}", f"name one of {', '.join(FORMATS)}")
    if plain and format_ != "sqlite":
        raise UsageError(f"{format_} has no plain form", "--plain is for a name in .sqlite")
    if format_ == "sqlite" and not plain:
        message = f"{path}: exports to SQLite are plain tables, and no store of cachegraph"
        raise UsageError(message, "for plain tables say --plain; to copy a store, copy its file")
    return format_


def exporter(format_: str) -> Exporter:
    """The exporter of a format."""
    return cast("Exporter", import_module(f"{__name__}.{format_.replace('-', '_')}"))
