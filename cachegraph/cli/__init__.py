"""The command line: parse, call the library, render. No logic of the graph.

A module with commands is imported when one of them is asked for.
"""

import os
import sys

import click

from cachegraph import __version__
from cachegraph.cli.options import STORE_HELP, Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cachegraph")
@click.option("--store", metavar="LOCATION", help=STORE_HELP)
def cli(store: str | None) -> None:  # the commands look it up
    """Which Spack stacks hold which concrete specs, and what they share.

    \b
    Begin with:
      cachegraph import --sample
      cachegraph overlap e4s ml-linux-x86_64-cpu
    """


def main() -> None:
    """Runs the command line and ends the process: 0 answered, 1 found, 2 trouble."""
    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Aborted.", err=True)
        status = 130
    except BrokenPipeError:
        # Whoever read the answer has enough of it.
        status = 0
        sys.stdout = None  # nothing more can be written
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    # Taking the interpreter down in order is a seventh of a question's time, and serves nothing.
    os._exit(status if isinstance(status, int) else 0)
