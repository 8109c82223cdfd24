"""Writes CSV files and a script for ``neo4j-admin database import full``.

The CSV of neo4j-admin has no form for an empty list, nor for a list of one empty string. A boolean
stands in for such a list, and ``after.cypher`` replaces it by the list when the server runs. Until
then the marker node has no model, and cachegraph refuses to read the unfinished graph.
"""

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from cachegraph.errors import StoreError
from cachegraph.exports.files import atomic_folder
from cachegraph.exports.format_cache import FormatCache
from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs
from cachegraph.model.kinds import BOOLEAN, STRINGS
from cachegraph.model.schema import NodeType, Property, RelationshipType
from cachegraph.neo4j.cypher_files import after_file

IMPORT = "import.sh"
AFTER = "after.cypher"
# Between the members of a list; neo4j-admin has no way to escape it.
_SEPARATOR = "\x1f"
_STAND_INS: dict[Any, str] = {(): "true", ("",): "false"}
_SPECIAL = re.compile('[",\r\n]').search
SCRIPT = """\
#!/bin/sh
# Imports these files into a database with neo4j-admin, while Neo4j is stopped:
#   import.sh [DATABASE] [--overwrite-destination]
# Then start Neo4j and finish the graph: cypher-shell -f {after}
CDPATH= cd -- "$(dirname -- "$0")" || exit
exec "${{NEO4J_ADMIN:-neo4j-admin}}" database import full "$@" \\
  {options}
"""
_Type = NodeType | RelationshipType


def export(elements: Iterable[Element], path: str | os.PathLike[str]) -> int:
    """Writes a folder: a header and a data file for each label and type, and two scripts.

    Returns the number of nodes and relationships. The folder appears only when it is complete;
    StoreError if it cannot be written, or exists and is not empty.
    """
    count = 0
    with atomic_folder(Path(path)) as folder:
        with ExitStack() as open_files:
            files = _CsvFiles(folder, open_files)
            files.write(Nodes(schema.MARKER, [schema.MARKER_KEY]))
            for element in elements:
                count += files.write(element)
        options = " \\\n  ".join(files.options())
        script = folder / IMPORT
        script.write_bytes(SCRIPT.format(after=AFTER, options=options).encode())
        script.chmod(0o755)
        (folder / AFTER).write_bytes(after_file(files.lists_to_restore()).encode())
    return count


class _CsvFiles:
    """A header and a data file for each label or type and each set of stand-ins for lists."""

    def __init__(self, folder: Path, open_files: ExitStack) -> None:
        self._folder = folder
        self._open_files = open_files
        self._columns: dict[_Type, _Columns] = {}
        self._files: dict[tuple[_Type, tuple[str, ...]], BinaryIO] = {}
        self._multiline = False

    def write(self, element: Element) -> int:
        """Adds the rows of one element; returns how many."""
        type_ = element.type
        columns = self._columns.get(type_)
        if columns is None:
            columns = self._columns[type_] = _Columns(type_.properties)
        values = columns.values(element)
        text = _rows(element, columns.fields(values) + "\n")
        count = len(element.keys if isinstance(element, Nodes) else element.starts)
        self._multiline |= text.count("\n") > count or "\r" in text
        stand_ins = columns.stand_ins(values)
        file = self._files.get((type_, stand_ins)) or self._start(type_, stand_ins)
        file.write(text.encode())
        return count

    def _start(self, type_: _Type, stand_ins: tuple[str, ...]) -> BinaryIO:
        """Writes a header, and opens its data file."""
        name = _name(type_, stand_ins)
        (self._folder / f"{name}.header.csv").write_bytes(_header(type_, stand_ins).encode())
        file = self._open_files.enter_context((self._folder / f"{name}.csv").open("wb"))
        self._files[type_, stand_ins] = file
        return file

    def options(self) -> list[str]:
        """The options of neo4j-admin: how to read the files, and their names."""
        options = ["--strict", "--bad-tolerance=0", "--id-type=string", "--array-delimiter=U+001F"]
        options.append(f"--multiline-fields={BOOLEAN.encode(self._multiline)}")
        for type_, stand_ins in self._files:
            name = _name(type_, stand_ins)
            what = "nodes" if isinstance(type_, NodeType) else "relationships"
            # Newer versions of neo4j-admin need a folder before the name.
            options.append(f"--{what}={_name(type_)}=./{name}.header.csv,./{name}.csv")
        return options

    def lists_to_restore(self) -> Iterable[tuple[_Type, str]]:
        """The labels and types with a property in which stand-ins occur."""
        return dict.fromkeys((type_, name) for type_, names in self._files for name in names)


class _Columns:
    """The properties of a label or type, as the columns after the keys."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self._names = [p.name for p in properties]
        self._texts = [_texts(p) for p in properties]
        self._lists = [(at, p.name) for at, p in enumerate(properties) if p.kind is STRINGS]

    def values(self, element: Element) -> Sequence[Any]:
        if isinstance(element, Nodes):
            return element.values or [None] * len(self._names)
        return [element.properties.get(name) for name in self._names]

    def fields(self, values: Sequence[Any]) -> str:
        return "".join([texts[value] for texts, value in zip(self._texts, values, strict=True)])

    def stand_ins(self, values: Sequence[Any]) -> tuple[str, ...]:
        """The properties that have a stand-in instead of a list."""
        return tuple([name for at, name in self._lists if values[at] in _STAND_INS])


def _texts(p: Property) -> FormatCache:
    """The field of each value of a property, with the comma before it."""
    return FormatCache(lambda value: "," + ("" if value is None else _field(p, value)))


def _field(p: Property, value: Any) -> str:
    if p.kind is not STRINGS:
        return _quote(p.kind.encode(value))
    if value in _STAND_INS:
        return _STAND_INS[value]
    text = _SEPARATOR.join(value)
    if text.count(_SEPARATOR) >= len(value):
        message = f"{p.name}: {text!r} has the character U+001F, which separates lists here"
        raise StoreError(message, "export as .graphml, or load the graph into Neo4j over Bolt")
    return _quote(text)


def _name(type_: _Type, stand_ins: Iterable[str] = ()) -> str:
    """The name of a label or type; with stand-ins, that of its files."""
    return "-".join([type_.label if isinstance(type_, NodeType) else type_.name, *stand_ins])


def key_columns(type_: _Type) -> list[str]:
    """The columns of a node's key, or of both ends of a relationship, as neo4j-admin names them."""
    if isinstance(type_, NodeType):
        return [f"{type_.key.name}:ID({type_.label})"]
    return [f":START_ID({type_.start.label})", f":END_ID({type_.end.label})"]


def _header(type_: _Type, stand_ins: tuple[str, ...]) -> str:
    kinds = [(p.name, BOOLEAN if p.name in stand_ins else p.kind) for p in type_.properties]
    return ",".join([*key_columns(type_), *(f"{name}:{kind.csv}" for name, kind in kinds)]) + "\n"


def _rows(element: Element, after: str) -> str:
    """The lines of an element: the keys of each node or relationship, and the equal rest."""
    if isinstance(element, Nodes):
        rows = _quote_all(element.keys)
    elif isinstance(element, Pairs):
        rows = map(",".join, zip(_quote_all(element.starts), _quote_all(element.ends), strict=True))
    else:
        rows = _quote_all(element.starts)
        after = f",{_quote(element.end)}{after}"
    return after.join([*rows, ""])


def _quote_all(keys: Sequence[str]) -> Iterable[str]:
    """The keys, quoted; one search tells whether any needs it, and hardly ever one does."""
    return map(_quote, keys) if _SPECIAL("".join(keys)) or "" in keys else keys


def _quote(text: str) -> str:
    """The text as a CSV field; an empty string is quoted, because without quotes it is absent."""
    if text and not _SPECIAL(text):
        return text
    return '"' + text.replace('"', '""') + '"'
