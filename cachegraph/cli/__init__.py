"""The command line: parses options, asks the library, prints answers and errors."""

import os
import signal
import sys
from importlib import import_module
from io import StringIO
from typing import Any

import click

from cachegraph import __version__
from cachegraph.cli.options import STORE_HELP, files
from cachegraph.cli.streams import output_error, prepare_streams, say, say_error
from cachegraph.errors import CacheGraphError, shortened
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
# The questions whose commands do more than to ask: the modules that define them.
MORE = {"affected": "affecting", "prune": "pruning", "want": "wanting"}
_LONGEST_SHOWN = 300
_COMPLETE = "_CACHEGRAPH_COMPLETE"


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
        if _COMPLETE in os.environ:
            from cachegraph.cli import completion  # noqa: F401  # it registers itself

            extra["complete_var"] = _COMPLETE
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


def _terminate(number: int, _: object) -> None:
    """Ends the process as the signal would, once what it has begun is cleaned up."""
    raise SystemExit(128 + number)


def main() -> None:
    """Runs the command line and ends the process: 0 answered, 1 found, 2 trouble."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminate)
    prepare_streams()
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = _status()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is to end
    except KeyboardInterrupt:
        status = 130
    # Taking the interpreter down in order is a seventh of a question's time, and serves nothing.
    os._exit(status)


def _status() -> int:
    """Runs the command; returns the exit status. Whatever it raises is printed as an error."""
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        usage, _, message = shown.getvalue().rstrip("\n").rpartition("\n\n")
        if usage:
            say(f"{usage}\n")
        say(message)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("Aborted.")
        return 130
    except BrokenPipeError:
        return 0  # the reader of the answer has closed the pipe: nothing more can be written
    except (CacheGraphError, OSError) as error:
        say_error(output_error(error) if isinstance(error, OSError) else error)
        return 2
    except Exception as error:
        say_error(_fault(error))
        return 2
    return status if isinstance(status, int) else 0


def _fault(error: Exception) -> CacheGraphError:
    """The error of what nobody foresaw, with the place in the code."""
    from pathlib import Path
    from traceback import extract_tb

    places = [frame for frame in extract_tb(error.__traceback__) if "cachegraph" in frame.filename]
    place = f"{Path(places[-1].filename).name}, line {places[-1].lineno}: " if places else ""
    message = f"{place}{type(error).__name__}: {shortened(str(error), _LONGEST_SHOWN)}"
    return CacheGraphError(message, "this is a fault of cachegraph; please report it")
