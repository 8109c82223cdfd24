"""The command that writes a graph, or a part of one, for other programs."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, files, names_in_store
from cachegraph.console.streams import say
from cachegraph.exports import FORMATS
from cachegraph.model.schema import PACKAGE, RELEASE, SPEC, STACK
from cachegraph.questions.parameters import IN, RELEASE_HELP

_PART = [
    click.Option(
        [*IN.names, "stacks"],
        metavar=IN.metavar,
        multiple=True,
        help=IN.help,
        shell_complete=names_in_store(STACK),
    ),
    click.Option(
        ["--release"],
        metavar="NAME",
        multiple=True,
        help=RELEASE_HELP,
        shell_complete=names_in_store(RELEASE),
    ),
    click.Option(["--all-releases"], is_flag=True, help="The stacks of all releases."),
    click.Option(
        ["--around"],
        metavar="SPEC",
        help="Only the specs that fit, what they depend on, and what depends on them.",
        shell_complete=names_in_store(PACKAGE, SPEC),
    ),
    click.Option(
        ["--hops"],
        metavar="N",
        type=click.IntRange(0),
        help="How many dependencies away from the specs that fit, at most. [default: 1]",
    ),
]
_FORMAT = click.Option(
    ["--format"],
    metavar="FORMAT",
    type=click.Choice([*FORMATS]),
    help=f"One of {', '.join(FORMATS)}. [default: what the name ends in]",
)
_PLAIN = click.Option(["--plain"], is_flag=True, help="Plain tables: for a name in .sqlite.")


_HELP = """\
Write the graph, or a part of it, for other programs.

The name's ending, or --format, tells the format:

\b
  .graphml, .graphml.gz  NetworkX, igraph, Gephi, Cytoscape; also a store
  .gexf                  Gephi
  .cyjs                  Cytoscape, Cytoscape.js
  .json                  node-link JSON: NetworkX, D3
  .sqlite, with --plain  SQL, datasette, sqlite-utils: a table for each label
  --format neo4j-admin   a folder of CSV, for Neo4j's bulk import
  --format parquet       a folder: DuckDB, Polars, Spark, Neo4j; also a store

.gexf, .cyjs and .json are made in memory, of 400,000 nodes and relationships at most.

--in and --release export stacks: all their specs, and all that these depend on. Other stacks that
hold some of these specs are left out. As a store, such an export answers questions about its stacks
as the whole graph does. --around exports the specs that fit, what they depend on, and what depends
on them, in --hops steps at most, with all dependencies among these, and the stacks that hold them;
with --in only what is in those stacks. Packages, compilers, targets, sources and so on are those
that the specs refer to. Prints how much was written.

FILE is replaced when the new one is complete, unless it is a store, and compressed if its name ends
in .gz. FOLDER is new or empty.

\b
Examples:
  cachegraph export graph.graphml
  cachegraph stats --store graph.graphml
  cachegraph export e4s.gexf --in e4s-24.11/gcc-cpu
  cachegraph export hdf5.cyjs --around hdf5 --hops 2 --in e4s-24.11/gcc-cpu
  cachegraph export tables.sqlite --plain
  cachegraph export graph --format neo4j-admin
  cachegraph export tables --format parquet
"""


@click.command("export", params=[*_PART, _FORMAT, _PLAIN, STORE], help=_HELP)
@click.argument("path", metavar="FILE|FOLDER", type=click.Path(), shell_complete=files)
def export_command(path: str, *, store: str, hops: int | None, **given: Any) -> None:
    """Writes the export, and says how to go on."""
    if hops is not None and given["around"] is None:
        raise click.UsageError("--hops needs --around")
    form = given.pop("format")
    with Graph(store) as graph:
        count = graph.export(path, form, hops=1 if hops is None else hops, notify=_note, **given)
    say(f"{count} nodes and relationships are in {path}")
    if form == "parquet":
        from cachegraph import sql

        say(f"SQL for DuckDB and a program for Spark that ask it are in {sql.__path__[0]}")
    if form in ("neo4j-admin", "parquet"):
        from shlex import quote

        say(f"Next, with Neo4j stopped: sh {quote(f'{path}/import.sh')}")
        say(f"Then, with Neo4j started: cypher-shell -f {quote(f'{path}/after.cypher')}")


def _note(text: str) -> None:
    say(f"Note: {text}")
