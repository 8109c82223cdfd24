"""The command ``want``, which looks for one spec or for all of a lock file."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.alternatives import spec_or_file
from cachegraph.cli.options import Output, files
from cachegraph.questions.want import Want

_LOCK = click.Option(
    ["--lock"],
    metavar="FILE",
    shell_complete=files,
    help="Look for the specs of a lock file instead; - reads standard input.",
)


def want_command() -> click.Command:
    """The command of the question ``want``, with the option ``--lock``."""
    return spec_or_file("want", _LOCK, _show_lock, ["on"])


def _show_lock(ctx: click.Context, lock: str, *, store: str, exit_code: bool, **given: Any) -> None:
    """Prints the answer of a lock file, to which the limit does not apply."""
    del given["limit"]
    output = Output(given, Want.main_section)
    question = Want(spec="")
    with Graph(store) as graph:
        answer = graph.want_lock(lock, **given)
        output.show(answer, question.tables)
    if exit_code and question.found(answer):
        ctx.exit(1)
