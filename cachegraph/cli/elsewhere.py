"""The commands that copy a graph into Neo4j, or ask a Neo4j store in Cypher."""

from pathlib import Path
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, Output, files, options_for, progress_bar
from cachegraph.console.streams import say, write
from cachegraph.output.printable import printable
from cachegraph.output.store_tables import load_tables, query_tables


@click.command("load", params=[STORE, *options_for(("counts",))])
@click.argument("uri", metavar="URI")
@click.option("--replace", is_flag=True, help="Remove first what cachegraph had put there.")
@click.option("--yes", is_flag=True, help="Do not ask before removing.")
def load_command(uri: str, *, replace: bool, yes: bool, store: str, **output: Any) -> None:
    """Copy the graph into a Neo4j database, for its Browser and for Cypher.

    Prints how many nodes and relationships there were, and how many of them are new. The graph is
    added to what the database holds; nothing that others have put there is touched. After an
    interruption, run the same command again: it continues. NEO4J_USERNAME and NEO4J_PASSWORD are
    the user and the password, or NEO4J_CREDENTIALS names a file with them.

    \b
    Examples:
      cachegraph load neo4j://localhost
    """
    printed = Output(output)
    if replace and not yes:
        from cachegraph.reading.secrets import shown_as_typed

        where = shown_as_typed(uri)
        click.confirm(
            printable(f"Remove all nodes of cachegraph from {where}?"), abort=True, err=True
        )
    with Graph(store) as graph:
        loading = progress_bar("Loading", in_steps=True)
        answer = graph.load(uri, replace=replace, progress=loading)
        printed.show(answer, load_tables)


def _statement(_: click.Context, __: click.Parameter, text: str) -> str:
    """The statement itself, or the content of the .cypher file, or standard input, for ``-``."""
    if text != "-" and (not text.endswith(".cypher") or "\n" in text):
        return text
    try:
        # Read as bytes, to report what is not UTF-8; some editors begin a file with a mark.
        with click.open_file(_here_or_shipped(text), "rb") as file:
            return str(file.read().decode("utf-8-sig"))
    except OSError as exc:
        raise click.UsageError(f"{text}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise click.UsageError(f"{text}: byte {exc.start} is no UTF-8") from exc


def _here_or_shipped(name: str) -> str:
    """The file itself, or cachegraph's own of that name where the current folder has none."""
    path = Path(name)
    if path.exists() or path.name != name:
        return name
    from cachegraph.neo4j.cypher_files import cypher_folder

    shipped = cypher_folder() / name
    return str(shipped) if shipped.is_file() else name


def _parameters(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    """The parameters by name; a value is read as JSON where it is JSON, else as text."""
    import json

    parameters: dict[str, Any] = {}
    for text in texts:
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


@click.command("query", params=[STORE, *options_for((), limit=False)])
@click.argument("text", metavar="CYPHER|FILE", callback=_statement, shell_complete=files)
@click.option(
    "--param",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_parameters,
    help="Value of the parameter $NAME: JSON, else text. May be repeated.",
)
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(0), help="Most rows.")
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, 86_400, min_open=True),
    help="Seconds that the query may take.",
)
def query_command(
    text: str, *, parameters: dict[str, Any], limit: int, timeout: float, store: str, **output: Any
) -> None:
    """Ask a Neo4j store in Cypher, by a statement or a .cypher file that only reads.

    Prints the rows that the statement returns. Statements that write are refused, and so are LOAD
    CSV, which reads the server's files, and procedures and functions of plugins. - reads the
    statement from standard input. A file that is not in the current folder is looked for among
    cachegraph's own, which "cachegraph cypher" lists.

    \b
    Examples:
      cachegraph query 'MATCH (s:Stack) RETURN s.key ORDER BY s.key'
      cachegraph query stacks.cypher --param release=develop
    """
    printed = Output(output)
    answer = Graph(store).query(text, parameters, limit=limit, timeout=timeout)
    printed.show(answer, query_tables)
    if answer["truncated"]:
        say(f"There are more than {limit} rows: --limit shows them")


def _cypher_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from cachegraph.neo4j.cypher_files import cypher_folder

    names = sorted(file.stem for file in cypher_folder().glob("*.cypher"))
    return [name for name in names if name.startswith(incomplete)]


@click.command("cypher")
@click.option("--path", is_flag=True, help="Print the paths of the folder and the Compose file.")
@click.argument("name", required=False, shell_complete=_cypher_names)
def cypher_command(name: str | None, *, path: bool) -> None:
    """Print a Cypher file of cachegraph, or list the files.

    Without a name the names of the files are listed: one for each question, and the schema. The
    folder has a style sheet for the Neo4j Browser too. The Compose file starts a Neo4j for this
    machine.

    \b
    Examples:
      cachegraph cypher overlap
      cachegraph cypher --path
    """
    from cachegraph.neo4j.cypher_files import compose_file, cypher_folder

    folder = cypher_folder()
    if path:
        write([f"{folder}\n{compose_file()}\n"])
    elif name is None:
        write(f"{name}\n" for name in sorted(file.stem for file in folder.glob("*.cypher")))
    else:
        file = folder / f"{name.removesuffix('.cypher')}.cypher"
        if file.parent != folder or not file.is_file():
            raise click.UsageError(f"no Cypher file {name}; cachegraph cypher lists them")
        write([file.read_text(encoding="utf-8")])
