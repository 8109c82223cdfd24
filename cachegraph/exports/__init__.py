"""Writes a whole graph to files that other programs read.

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
}
"""Each format, and the endings of file names that stand for it."""


class Exporter(Protocol):
    """A module with the function that writes a format."""

    def export(self, elements: Iterable["Element"], path: str | os.PathLike[str]) -> int:
        """Writes all elements to a path; returns the number of nodes and relationships."""


def exporter(path: str, format_: str | None = None) -> Exporter:
    """The exporter of a format; without a format, that of the path's ending.

    UsageError if there is no such format, or if no format has the path's ending.
    """
    if format_ is None:
        format_ = next((name for name, endings in FORMATS.items() if path.endswith(endings)), None)
        if format_ is None:
            endings = " or ".join(chain.from_iterable(FORMATS.values()))
            hint = f"name the format: --format {' or '.join(FORMATS)}"
            raise UsageError(f"{path}: the name does not end in {endings}", hint)
    if format_ not in FORMATS:
        raise UsageError(f"no format {format_}", f"name one of {', '.join(FORMATS)}")
    return cast("Exporter", import_module(f"{__name__}.{format_.replace('-', '_')}"))
