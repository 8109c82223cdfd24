"""The command line: parses options, asks the library, prints answers and errors."""

import os
from importlib import import_module
from io import StringIO
from typing import Any

import click

from cachegraph import __version__
from cachegraph.cli.options import STORE_HELP, files
from cachegraph.console import INTERRUPTED
from cachegraph.console.asking import COMPLETE, MORE
from cachegraph.console.output import OptionsError
from cachegraph.console.streams import say, say_error
from cachegraph.errors import CacheGraphError
from cachegraph.questions import QUESTIONS

GROUPS = {
    "look": "Look at what is in the graph",
    "compare": "Compare stacks and releases",
    "explain": "Explain why the same thing is built twice",
    "find": "Find specs and what depends on them",
    "plan": "Plan changes",
    "store": "Fill, check and share the store",
}
# The commands that are no questions: their group, and the module that defines them.
OTHERS = {
    "serve": ("look", "serving"),
    "report": ("compare", "reporting"),
    "sbom": ("find", "materials"),
    "import": ("store", "importing"),
    "remove": ("store", "removing"),
    "info": ("store", "inventory"),
    "upgrade": ("store", "upgrading"),
    "load": ("store", "elsewhere"),
    "query": ("store", "elsewhere"),
    "export": ("store", "exporting"),
    "site": ("store", "serving"),
    "cypher": ("store", "elsewhere"),
}


def _names(group: str) -> list[str]:
    """The names of the commands of a group."""
    return [name for name, of in (QUESTIONS | OTHERS).items() if of[0] == group]


class Commands(click.Group):
    """The commands, each made or imported when it is asked for; prints cachegraph's errors."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name in MORE:
            module = import_module(f"{__name__}.{MORE[cmd_name]}")
            made: click.Command = getattr(module, f"{cmd_name}_command")()
            return made
        if cmd_name in QUESTIONS:
            from cachegraph.cli.command import question_command

            return question_command(cmd_name)
        if cmd_name not in OTHERS:
            return None
        module = import_module(f"{__name__}.{OTHERS[cmd_name][1]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, by group."""
        return [name for group in GROUPS for name in _names(group)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands under the titles of their groups."""
        for group, title in GROUPS.items():
            commands = [(name, self.get_command(ctx, name)) for name in _names(group)]
            with formatter.section(title):
                formatter.write_dl(
                    [(name, c.get_short_help_str(formatter.width)) for name, c in commands if c]
                )

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs the command line; a shell that asks for completions gets those of cachegraph."""
        if COMPLETE in os.environ:
            from cachegraph.cli import completion  # noqa: F401  # it registers itself

            extra["complete_var"] = COMPLETE
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; an error of cachegraph is printed with its hint and exits with 2."""
        try:
            return super().invoke(ctx)
        except CacheGraphError as error:
            say_error(error)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="cachegraph")
@click.option("--store", metavar="LOCATION", help=STORE_HELP, shell_complete=files)
def cli(store: str | None) -> None:  # the commands look it up
    """Which Spack stacks hold which concrete specs, and what they share.

    \b
    Begin with:
      cachegraph import --sample
      cachegraph overlap e4s ml-linux-x86_64-cpu
    """


def run(error: OptionsError | None = None) -> int:
    """Runs the command line; returns the exit status. Whatever Click raises is printed.

    With an error of its options, which was found without Click, the command prints that.
    """
    try:
        status = cli.main(standalone_mode=False, obj=error)
    except click.ClickException as exc:
        shown = StringIO()
        exc.show(shown)
        usage, _, message = shown.getvalue().rstrip("\n").rpartition("\n\n")
        if usage:
            say(f"{usage}\n")
        say(message)
        return exc.exit_code
    except click.Abort:
        say("Aborted.")
        return INTERRUPTED
    return status if isinstance(status, int) else 0
