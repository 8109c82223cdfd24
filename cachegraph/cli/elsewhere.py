"""The commands that bring a graph elsewhere, or ask it there in Cypher."""

import sys
from collections.abc import Iterator
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.options import OUTPUT, STORE, show_answer
from cachegraph.exports import FORMATS


def _text(_: click.Context, __: click.Parameter, text: str) -> str:
    """The statement itself, or what is in the .cypher file, or on standard input, that it names."""
    if text != "-" and (not text.endswith(".cypher") or "\n" in text):
        return text
    try:
        # Bytes, so that what is no UTF-8 is told; some editors begin a file with a mark.
        with click.open_file(text, "rb") as file:
            return str(file.read().decode("utf-8-sig"))
    except OSError as exc:
        raise click.UsageError(f"{text}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise click.UsageError(f"{text}: byte {exc.start} is no UTF-8") from exc


def _parameters(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    """The parameters by name; a value is JSON where it can be read as that, else text."""
    import json

    parameters: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.removeprefix("$").partition("=")
        if not (name and equals):
            raise click.UsageError(f"--param {text}: write NAME=VALUE")
        if name in parameters:
            raise click.UsageError(f"--param {name} is given twice")
        try:
            parameters[name] = json.loads(value)
        except ValueError:
            parameters[name] = value
    return parameters


@cli.command(params=[*OUTPUT])
@click.argument("uri", metavar="URI")
@click.option("--replace", is_flag=True, help="First take out what cachegraph has put there.")
@click.option("--yes", is_flag=True, help="Do not ask before taking out.")
def load(uri: str, *, replace: bool, yes: bool, store: str, **output: Any) -> None:
    """Copy the graph into Neo4j, where the Neo4j Browser and Cypher see it.

    To what is there: nothing that others have put into the database is touched. A copy that was
    stopped, by you or by the server, goes on when the same command is run again. User and password
    are NEO4J_USERNAME and NEO4J_PASSWORD, or are in the file that NEO4J_CREDENTIALS names.

    \b
    Example:
      cachegraph load neo4j://localhost
    """
    if replace and not yes:
        where = uri.rpartition("@")[2]  # what is before may be a password, and is refused later
        click.confirm(f"Take all nodes of cachegraph out of {where}?", abort=True, err=True)
    with Graph(store) as graph:
        show_answer(graph.load(uri, replace=replace, progress=_copying), **output)


def _copying(steps: Any, length: int) -> Iterator[int]:
    if not sys.stderr.isatty():
        yield from steps
        return
    with click.progressbar(length=length, label="Loading", file=sys.stderr) as bar:
        for count in steps:
            bar.update(count)
            yield count


@cli.command(params=[*OUTPUT])
@click.argument("text", metavar="CYPHER|FILE", callback=_text)
@click.option(
    "--param",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_parameters,
    help="What $NAME stands for: JSON, else text. May be repeated.",
)
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(0), help="Rows.")
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, 86_400, min_open=True),
    help="Seconds that the query may take.",
)
def query(
    text: str,
    *,
    parameters: dict[str, Any],
    limit: int,
    timeout: float,
    store: str,
    **output: Any,
) -> None:
    """Ask a Neo4j store in Cypher: a statement that only reads, or a .cypher file with one.

    Whatever would write is refused, and so are LOAD CSV, which reads the server's files, and
    procedures and functions of plugins. - reads the statement from standard input.

    \b
    Example:
      cachegraph query 'MATCH (s:Stack) RETURN s.key ORDER BY s.key'
      cachegraph query overlap.cypher --param 'stacks=["develop/e4s", "develop/hep"]'
    """
    answer = Graph(store).query(text, parameters, limit=limit, timeout=timeout)
    show_answer(answer, **output)
    if answer["truncated"]:
        click.echo(f"There are more than {limit} rows: --limit shows them", err=True)


@cli.command(params=[STORE])
@click.argument("path", metavar="FILE|FOLDER", type=click.Path())
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="[default: what the name ends in]"
)
def export(path: str, form: str | None, store: str) -> None:
    """Write the whole graph to FILE.graphml, or compressed to FILE.graphml.gz.

    The file opens in NetworkX, igraph and Gephi, and is a store itself. With --format neo4j-admin
    a new folder of CSV, and the two scripts that make a Neo4j database of it.

    \b
    Example:
      cachegraph export graph.graphml
      cachegraph stats --store graph.graphml
      cachegraph export graph --format neo4j-admin
    """
    with Graph(store) as graph:
        count = graph.export(path, form)
    click.echo(f"{count} nodes and relationships are in {path}", err=True)
    if form == "neo4j-admin":
        from shlex import quote

        click.echo(f"Next, with Neo4j stopped: sh {quote(f'{path}/import.sh')}", err=True)
        click.echo(f"Then start it: cypher-shell -f {quote(f'{path}/after.cypher')}", err=True)
