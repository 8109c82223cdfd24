"""The files that ``neo4j-admin database import full`` makes a database of, and how to call it.

It can write neither an empty list nor a list of one empty string: such a list is a boolean there,
and ``after.cypher`` makes it a list again when the server runs. Until then the marker has no model,
and nobody asks a graph that is not finished.
"""

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from cachegraph.errors import StoreError
from cachegraph.exports.files import filling
from cachegraph.exports.spelling import Spellings
from cachegraph.model.elements import Element, Nodes, Pairs
from cachegraph.model.schema import (
    BOOLEAN,
    MARKER,
    MARKER_KEY,
    STRINGS,
    NodeType,
    Property,
    RelationshipType,
)
from cachegraph.neo4j import statements

IMPORT = "import.sh"
AFTER = "after.cypher"
# Between the members of a list; it cannot be escaped in them.
_SEPARATOR = "\x1f"
_STAND_INS: dict[Any, str] = {(): "true", ("",): "false"}
_SPECIAL = re.compile('[",\r\n]').search
_SCRIPT = """\
#!/bin/sh
# Makes a database of these files, by the neo4j-admin of a Neo4j that is stopped:
#   import.sh [DATABASE] [--overwrite-destination]
# Then start it, and finish the graph: cypher-shell -f {after}
CDPATH= cd -- "$(dirname -- "$0")" || exit
exec "${{NEO4J_ADMIN:-neo4j-admin}}" database import full "$@" \\
  {options}
"""
_Type = NodeType | RelationshipType


def export_neo4j_admin(elements: Iterable[Element], folder: str | os.PathLike[str]) -> int:
    """Writes a header and a data file for each label and type that occurs, and what reads them.

    Returns the number of nodes and relationships written. The folder is there in full or not;
    StoreError when it cannot be written, or is there and not empty.
    """
    count = 0
    with filling(Path(folder)) as part:
        with ExitStack() as opened:
            tables = _Tables(part, opened)
            tables.write(Nodes(MARKER, [MARKER_KEY]))
            for element in elements:
                count += tables.write(element)
        options = " \\\n  ".join(tables.options())
        script = part / IMPORT
        script.write_bytes(_SCRIPT.format(after=AFTER, options=options).encode())
        script.chmod(0o755)
        (part / AFTER).write_bytes(tables.after().encode())
    return count


class _Tables:
    """The files of a folder: two for each label or type, and for each choice of stand-ins."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self._folder = folder
        self._opened = opened  # files that whoever made it closes
        self._columns: dict[_Type, _Columns] = {}
        self._files: dict[tuple[_Type, tuple[str, ...]], BinaryIO] = {}
        self._multiline = False

    def write(self, element: Element) -> int:
        """Adds the rows of one group, and says how many they are."""
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
        """Writes a header, and opens the data file that it is for."""
        name = _name(type_, stand_ins)
        (self._folder / f"{name}.header.csv").write_bytes(_header(type_, stand_ins).encode())
        file = self._opened.enter_context((self._folder / f"{name}.csv").open("wb"))
        self._files[type_, stand_ins] = file
        return file

    def options(self) -> list[str]:
        """How the files are to be read, and which they are."""
        read = ["--strict", "--bad-tolerance=0", "--id-type=string", "--array-delimiter=U+001F"]
        read.append(f"--multiline-fields={BOOLEAN.encode(self._multiline)}")
        for type_, stand_ins in self._files:
            name = _name(type_, stand_ins)
            what = "nodes" if isinstance(type_, NodeType) else "relationships"
            # Newer ones want a folder before the name.
            read.append(f"--{what}={_name(type_)}=./{name}.header.csv,./{name}.csv")
        return read

    def after(self) -> str:
        """The statements that finish the graph when the server runs; they may be repeated."""
        stood_in = dict.fromkeys((type_, name) for type_, names in self._files for name in names)
        finishing = [statements.relist(type_, name) for type_, name in stood_in]
        finishing += [*statements.schema(), statements.AWAIT, statements.finish()]
        title = "// Finishes a graph that neo4j-admin imported; may be repeated\n"
        return title + "".join([f"{statement};\n" for statement in finishing])


class _Columns:
    """The properties of a label or type, as columns after the keys."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self._names = [p.name for p in properties]
        self._spelled = [_spelled(p) for p in properties]
        self._lists = [(at, p.name) for at, p in enumerate(properties) if p.kind is STRINGS]

    def values(self, element: Element) -> Sequence[Any]:
        """One for each property of the group."""
        if isinstance(element, Nodes):
            return element.values or [None] * len(self._names)
        return [element.properties.get(name) for name in self._names]

    def fields(self, values: Sequence[Any]) -> str:
        return "".join([known[value] for known, value in zip(self._spelled, values, strict=True)])

    def stand_ins(self, values: Sequence[Any]) -> tuple[str, ...]:
        """The lists that something else stands for."""
        return tuple([name for at, name in self._lists if values[at] in _STAND_INS])


def _spelled(of: Property) -> Spellings:
    """The fields of one property."""
    return Spellings(lambda value: "," + ("" if value is None else _spell(of, value)))


def _spell(of: Property, value: Any) -> str:
    if of.kind is not STRINGS:
        return _quoted(of.kind.encode(value))
    if value in _STAND_INS:
        return _STAND_INS[value]
    text = _SEPARATOR.join(value)
    if text.count(_SEPARATOR) >= len(value):
        raise StoreError(
            f"{of.name}: {text!r} has the character U+001F, which separates lists here",
            "export as .graphml, or load the graph into Neo4j over Bolt",
        )
    return _quoted(text)


def _name(type_: _Type, stand_ins: Iterable[str] = ()) -> str:
    """The label or type, or what the files are named that have stand-ins."""
    return "-".join([type_.label if isinstance(type_, NodeType) else type_.name, *stand_ins])


def _header(type_: _Type, stand_ins: tuple[str, ...]) -> str:
    if isinstance(type_, NodeType):
        keys = [f"{type_.key.name}:ID({type_.label})"]
    else:
        keys = [f":START_ID({type_.start.label})", f":END_ID({type_.end.label})"]
    kinds = [(p.name, BOOLEAN if p.name in stand_ins else p.kind) for p in type_.properties]
    return ",".join([*keys, *(f"{name}:{kind.csv}" for name, kind in kinds)]) + "\n"


def _rows(element: Element, after: str) -> str:
    """The lines of a group: the keys of each, and what is equal after them."""
    if isinstance(element, Nodes):
        rows = _safe(element.keys)
    elif isinstance(element, Pairs):
        rows = map(",".join, zip(_safe(element.starts), _safe(element.ends), strict=True))
    else:
        rows = _safe(element.starts)
        after = f",{_quoted(element.end)}{after}"
    return after.join([*rows, ""])


def _safe(keys: Sequence[str]) -> Iterable[str]:
    """The keys, quoted; mostly there is nothing to quote, and one look tells."""
    return map(_quoted, keys) if _SPECIAL("".join(keys)) or "" in keys else keys


def _quoted(text: str) -> str:
    """The text as a field: an empty one in quotes is there, without them it is not."""
    if text and not _SPECIAL(text):
        return text
    return '"' + text.replace('"', '""') + '"'
