"""What the commands share: options, completion, errors, and how answers are printed."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.environment import default_store, wants_colour
from cachegraph.errors import CacheGraphError
from cachegraph.model.stack_key import StackKey

LEVELS = ("hash", "alike", "spec", "version", "package")


# Where the commands are that are not with the first questions.
_MODULES = {
    "import": "importing",
    "load": "elsewhere",
    "query": "elsewhere",
    "export": "elsewhere",
    "find": "finding",
    "why": "causes",
    "blame": "causes",
    "what-if": "causes",
    "diff": "causes",
    "deps": "reaching",
    "dependents": "reaching",
    "affected": "reaching",
    "coverage": "spreading",
    "history": "spreading",
    "want": "wanting",
    "shared": "membership",
    "unique": "membership",
    "duplicates": "membership",
}


class Commands(click.Group):
    """Finds the commands, and prints the errors of cachegraph, once for all of them."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        import_module(f"cachegraph.cli.{_MODULES.get(cmd_name, 'questions')}")
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        for module in ("questions", *_MODULES.values()):
            import_module(f"cachegraph.cli.{module}")
        return super().list_commands(ctx)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CacheGraphError as error:
            click.echo(f"Error: {error.message}", err=True)
            if error.hint:
                click.echo(f"Hint: {error.hint}", err=True)
            ctx.exit(2)


def names(label: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """What completes the names of stacks, releases or packages from the store."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        from cachegraph.model import schema

        try:
            with Graph(located(ctx, None, ctx.params.get("store"))) as graph:
                keys = graph.store.keys(getattr(schema, label))
        except CacheGraphError:
            return []
        if label == "STACK" and "/" not in incomplete:
            keys = sorted({StackKey.parse(key).name for key in keys})
        return [key for key in keys if key.startswith(incomplete)]

    return complete


def located(ctx: click.Context, _: click.Parameter | None, store: str | None) -> str:
    """The store of a command: its own option, else that before the command, else the default."""
    return store or ctx.find_root().params.get("store") or default_store()


STORE_HELP = (
    "Where the graph lives: a file, a Neo4j server, or an exported .graphml. "
    "[default: $CACHEGRAPH_STORE, else a file in your data folder]"
)
# Options that several commands have are made once: making them is what a cold start spends.
STORE = click.Option(["--store"], metavar="LOCATION", callback=located, help=STORE_HELP)
OUTPUT = [
    STORE,
    click.Option(["--json", "form"], flag_value="json", help="Print one JSON document."),
    click.Option(["--csv", "form"], flag_value="csv", help="Print CSV."),
    click.Option(["--section"], metavar="NAME", help="Only this section of the answer."),
    click.Option(["--all", "everything"], is_flag=True, help="Show all rows on a terminal."),
]
RELEASE = click.Option(
    ["--release"],
    metavar="NAME",
    shell_complete=names("RELEASE"),
    help="Release that bare stack names are of. [default: the only one that has it, else develop]",
)
RUNTIME = click.Option(
    ["--ignore-runtime"],
    is_flag=True,
    help="Leave out compiler-wrapper, gcc-runtime and glibc, which nearly every new spec needs.",
)
STACKS = [
    click.Argument(["stacks"], nargs=-1, metavar="STACK...", shell_complete=names("STACK")),
    RELEASE,
    RUNTIME,
]
IN = click.Option(
    ["--in", "stacks"],
    metavar="STACK",
    multiple=True,
    shell_complete=names("STACK"),
    help="Only this stack; may be repeated. [default: all but root of the release]",
)
EXIT_CODE = click.Option(["--exit-code"], is_flag=True, help="Exit with 1 when there is anything.")


def show_answer(
    answer: Mapping[str, Any], form: str | None, section: str | None, *, everything: bool
) -> None:
    """Prints an answer in the form that was asked for, or the one that suits where it goes."""
    from cachegraph.output import render
    from cachegraph.output.tables import tables as tables_of

    for note in answer.get("notes", ()):
        click.echo(f"Note: {note}", err=True)
    if form == "json":
        sys.stdout.write(render.as_json(answer))
        return
    tables = tables_of(answer)
    if section is not None:
        known = [table.section for table in tables]
        tables = [table for table in tables if table.section == section]
        if not tables:
            raise click.UsageError(f"no section {section}; there are {', '.join(known)}")
    if form == "csv":
        text = render.as_csv(tables)
    elif form == "markdown":
        text = render.as_markdown(tables)
    elif sys.stdout.isatty():
        text = render.for_terminal(tables, colour=wants_colour(), everything=everything)
    else:
        text = render.as_tsv(tables)
    sys.stdout.write(text)
