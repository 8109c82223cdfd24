"""What Neo4j's bulk import needs beside the Parquet: headers, a marker, and two scripts.

A header maps our columns to the names, kinds and ids of neo4j-admin. The tool (5.26, 2026.09) takes
an empty string for an absent one. ``after.cypher`` sets properties to it again; of a graph with an
empty key, which no source has, ``import.sh`` only says what to do instead.
"""

from collections.abc import Iterable
from itertools import repeat
from pathlib import Path

from cachegraph.exports.neo4j_admin import AFTER, IMPORT, SCRIPT, key_columns
from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs
from cachegraph.model.parquet_layout import Type, columns, folder
from cachegraph.model.schema import NodeType
from cachegraph.neo4j.cypher_files import after_file, restore_empty

_FOLDER = "neo4j"
_AT_ONCE = 1000  # keys in a statement
_REFUSED = """\
#!/bin/sh
echo 'A node has an empty key, which neo4j-admin does not read from Parquet.' >&2
echo 'Import CSV instead: cachegraph export FOLDER --format neo4j-admin' >&2
exit 1
"""


class Neo4jFiles:
    """The files for ``neo4j-admin database import full --input-type=parquet``."""

    def __init__(self, made: Path) -> None:
        self._made = made
        self._empty: dict[tuple[Type, str], list[str | tuple[str, str]]] = {}
        self._has_empty_key = False

    def see(self, element: Element) -> None:
        """Notes where the element has empty strings; hardly ever one has."""
        if isinstance(element, Nodes):
            self._has_empty_key |= "" in element.keys
            if "" not in element.values:
                return
        for name, value in element.properties.items():
            if value == "":
                self._empty.setdefault((element.type, name), []).extend(_keys(element))

    def write(self, types: Iterable[Type]) -> None:
        """Writes everything; ``types`` are those of which there is any."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        (self._made / _FOLDER).mkdir()
        marker = f"{_FOLDER}/{schema.MARKER.label}.parquet"
        key, model = pa.array([schema.MARKER_KEY]), pa.array([None], pa.int64())
        table = pa.table({columns(schema.MARKER)[0][0]: key, "model": model})
        pq.write_table(table, self._made / marker, store_schema=False)
        options = ["--input-type=parquet", "--strict", "--bad-tolerance=0", "--id-type=string"]
        options.append(self._option(schema.MARKER, marker))
        # The tool takes what comes after the header for a regular expression.
        options += [self._option(type_, f"{folder(type_)}/part-.*[.]parquet") for type_ in types]
        lines = " \\\n  ".join(options[:4] + [f"'{option}'" for option in options[4:]])
        script = self._made / IMPORT
        text = SCRIPT.format(after=AFTER, options=lines)
        script.write_bytes((_REFUSED if self._has_empty_key else text).encode())
        script.chmod(0o755)
        (self._made / AFTER).write_bytes(after_file((), self._restored()).encode())

    def _option(self, type_: Type, files: str) -> str:
        """The option that names the files of a label or type, and its header, written here."""
        what, name = _option_name(type_)
        header = f"{_FOLDER}/{name}.csv"
        (self._made / header).write_bytes(_header(type_).encode())
        return f"--{what}={name}={header},{files}"

    def _restored(self) -> Iterable[str]:
        for (type_, name), keys in self._empty.items():
            for at in range(0, len(keys), _AT_ONCE):
                yield restore_empty(type_, name, keys[at : at + _AT_ONCE])


def _keys(element: Element) -> Iterable[str | tuple[str, str]]:
    if isinstance(element, Nodes):
        return element.keys
    ends = element.ends if isinstance(element, Pairs) else repeat(element.end)
    return zip(element.starts, ends, strict=False)


def _option_name(type_: Type) -> tuple[str, str]:
    if isinstance(type_, NodeType):
        return "nodes", type_.label
    return "relationships", type_.name


def _header(type_: Type) -> str:
    """Two lines: what neo4j-admin calls each column, and what it is called in the Parquet."""
    names = [*key_columns(type_), *(f"{p.name}:{p.kind.csv}" for p in type_.properties)]
    return f"{','.join(names)}\n{','.join(name for name, _ in columns(type_))}\n"
