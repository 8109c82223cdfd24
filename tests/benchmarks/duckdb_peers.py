"""DuckDB on Parquet files: what a person would ask with who has the graph as tables.

python duckdb_peers.py write STORE FOLDER       the files: specs, in_stack, depends_on
python duckdb_peers.py duplicates FOLDER        near-duplicates with hashes and stacks, as CSV
python duckdb_peers.py dependents FOLDER HASH   all that depends on a spec, with depths, as CSV
python duckdb_peers.py find FOLDER COMPILER     the specs that a compiler built, as CSV

Each is a whole process, and writes its rows to standard output.
"""

import sys
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import duckdb

from cachegraph.model.schema import DEPENDS_ON, IN_STACK, SPEC, STACK

_COLUMNS = ("hash", "package", "version", "variants", "compiler", "os", "target", "alike")
_AT_ONCE = 1 << 16
_DUPLICATES = """
COPY (
  WITH held AS (
    SELECT i.stack, s.hash, s.alike, s.package, s.version
    FROM 'specs.parquet' s JOIN 'in_stack.parquet' i ON s.id = i.spec
  ), counted AS (
    SELECT alike, stack, count(*) AS n, any_value(package) AS package,
      any_value(version) AS version, list(hash) AS hashes FROM held GROUP BY alike, stack
  )
  SELECT package, version, len(list_distinct(flatten(list(hashes)))) - 1 AS redundant,
    max(n) AS most, list(stack) AS stacks, list_distinct(flatten(list(hashes))) AS hashes
  FROM counted GROUP BY alike, package, version
  HAVING len(list_distinct(flatten(list(hashes)))) > 1 ORDER BY redundant DESC, package, version
) TO '/dev/stdout' (FORMAT csv)"""
_DEPENDENTS = """
COPY (
  WITH RECURSIVE above(spec) AS (
    SELECT id FROM 'specs.parquet' WHERE hash = ?
    UNION SELECT e.start FROM 'depends_on.parquet' e JOIN above ON e."end" = above.spec
  )
  SELECT s.package, s.version, s.hash, s.variants, s.compiler, s.os, s.target
  FROM above JOIN 'specs.parquet' s ON s.id = above.spec ORDER BY s.package, s.version, s.hash
) TO '/dev/stdout' (FORMAT csv)"""
_FIND = """
COPY (
  SELECT any_value(COLUMNS(s.*)), list(i.stack) AS stacks
  FROM 'specs.parquet' s LEFT JOIN 'in_stack.parquet' i ON s.id = i.spec
  WHERE s.compiler LIKE ? || '.%' OR s.compiler = ?
  GROUP BY s.id ORDER BY any_value(s.package), any_value(s.version), any_value(s.hash)
) TO '/dev/stdout' (FORMAT csv)"""


def write(store: str, folder: str) -> None:
    """Writes what the others read; specs are numbered, as one would do who wants them quick."""
    import cachegraph

    with cachegraph.open(store) as opened:
        graph = opened.store
        for name, tables in (
            ("specs", _specs(graph)),
            ("in_stack", _memberships(graph)),
            ("depends_on", _dependencies(graph)),
        ):
            _write(Path(folder, f"{name}.parquet"), tables)


Columns = dict[str, list[Any]]


def _write(path: Path, tables: Iterator[Columns]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for columns in tables:
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _parts(graph: Any) -> Iterator[list[int]]:
    specs = [*graph.nodes(SPEC)]
    return (specs[first : first + _AT_ONCE] for first in range(0, len(specs), _AT_ONCE))


def _specs(graph: Any) -> Iterator[Columns]:
    for specs in _parts(graph):
        columns = map(list, zip(*graph.values(SPEC, specs, _COLUMNS), strict=True))
        found = dict(zip(_COLUMNS, columns, strict=True))
        found["variants"] = [" ".join(one or ()) for one in found["variants"]]
        yield {"id": specs, **found}


def _memberships(graph: Any) -> Iterator[Columns]:
    for stack in graph.nodes(STACK):
        ((key,),) = graph.values(STACK, [stack], (STACK.key.name,))
        if not key.endswith("/root"):
            members = [*graph.starts_of(IN_STACK, stack)]
            yield {"spec": members, "stack": [key] * len(members)}


def _dependencies(graph: Any) -> Iterator[Columns]:
    for specs in _parts(graph):
        adjacent = [ends for ends, _ in graph.adjacent(DEPENDS_ON, specs)]
        starts = chain.from_iterable(map(repeat, specs, map(len, adjacent)))
        yield {"start": [*starts], "end": [*chain.from_iterable(adjacent)]}


def asked(folder: str, statement: str, *values: str) -> None:
    """Runs a statement."""
    connection = duckdb.connect()
    connection.execute(f"SET file_search_path = '{folder}'")
    connection.execute(statement, values)


JOBS = {
    "write": write,
    "duplicates": lambda folder: asked(folder, _DUPLICATES),
    "dependents": lambda folder, hash_: asked(folder, _DEPENDENTS, hash_),
    "find": lambda folder, compiler: asked(folder, _FIND, compiler, compiler),
}

if __name__ == "__main__":
    JOBS[sys.argv[1]](*sys.argv[2:])
