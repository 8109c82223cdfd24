"""The command that tells where the store is and what was imported into it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE
from cachegraph.cli.output import Output, options_for
from cachegraph.environment import store_origin
from cachegraph.output.tables import Cell, Table, table_of

_FACTS = ("store", "chosen_by", "kind", "bytes", "changed", "store_version", "server", "database")


@click.command("info", params=[STORE, *options_for(("store", "releases", "stacks", "sources"))])
@click.option("--sources", is_flag=True, help="List every source too, with what it lists.")
@click.pass_context
def info_command(ctx: click.Context, /, *, sources: bool, store: str, **output: Any) -> None:
    """Show where the store is, how large it is, and what was imported when.

    Prints the facts of the store and its counts, then the releases and the stacks with the number
    of sources that list them and the last import that brought one. Importing a source again
    unchanged does not count. Of a stack that only pages name, these are the pages of its specs.

    \b
    Examples:
      cachegraph info
      cachegraph info --sources
    """
    printed = Output(output)
    with Graph(store) as graph:
        answer = {**graph.info(documents=sources), "chosen_by": _chosen_by(ctx)}
    printed.show(answer, _tables)


def _chosen_by(ctx: click.Context) -> str:
    """``--store``, the variable that names the store, or ``default``."""
    given = ctx.get_parameter_source("store") is click.core.ParameterSource.COMMANDLINE
    return "--store" if given or ctx.find_root().params.get("store") else store_origin()


def _tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    facts = [(name.replace("_", " "), answer[name]) for name in _FACTS if name in answer]
    facts.append(("model version", answer["model_version"]))
    counts = [*answer["nodes"].items(), *answer["relationships"].items()]
    yield Table("store", ("fact", "value"), [*facts, *counts])
    yield _rows("releases", ("name", "stacks", "specs"), answer["releases"], release="name")
    yield _rows("stacks", ("key", "specs", "roots"), answer["stacks"], stack="key")
    if "documents" in answer:
        columns = ("location", "format", "format_version", "specs", "imported_at", "lists")
        lists: dict[str, Cell] = {"lists": lambda row: ", ".join(row["lists"])}
        yield table_of("sources", columns, answer["documents"], "", **lists)


def _rows(
    section: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], **cells: Cell
) -> Table:
    """The releases or stacks, each with its sources and their last import."""
    (head,) = cells
    shown = (head, *columns[1:], "sources", "imported_at")
    return table_of(section, shown, rows, "", **cells)
