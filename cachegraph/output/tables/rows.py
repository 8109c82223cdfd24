"""Rows that several answers have."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.tables import Table

HASH = 7
SPEC_COLUMNS = ("package", "version", "compiler", "os", "target", "hash", "variants")


def short(hash_: str) -> str:
    """A hash as people write it."""
    return f"/{hash_[:HASH]}"


def shorts(hashes: Sequence[str]) -> str:
    """Several hashes as people write them."""
    return "/" + " /".join([hash_[:HASH] for hash_ in hashes]) if hashes else ""


def listed(section: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Table:
    """A table of the values by the names of its columns."""
    return Table(section, columns, [[row[name] for name in columns] for row in rows])


def spec_cells(row: Mapping[str, Any]) -> list[str]:
    """The cells of a spec row, for ``SPEC_COLUMNS``."""
    plain = [row.get(name, "") for name in ("package", "version", "compiler", "os", "target")]
    return [*plain, short(row["hash"]), " ".join(row.get("variants", ()))]
