"""The command ``want``, which looks for one spec or for all of a lock file."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.command import question_command
from cachegraph.cli.options import files
from cachegraph.cli.output import Output
from cachegraph.questions.want import Want

_LOCK = click.Option(
    ["--lock"],
    metavar="FILE",
    shell_complete=files,
    help="Look for the specs of a lock file instead; - reads standard input.",
)


def want_command() -> click.Command:
    """The command of the question ``want``, with the option ``--lock``."""
    of_spec = question_command("want")
    spec, on = (next(p for p in of_spec.params if p.name == name) for name in ("spec", "on"))
    spec.required, spec.metavar = False, "[SPEC]"

    @click.pass_context
    def callback(ctx: click.Context, /, *, lock: str | None, spec: str, **given: Any) -> None:
        if bool(spec) == (lock is not None):
            raise click.UsageError("give either a spec or --lock FILE")
        if lock is None:
            ctx.invoke(of_spec, spec=spec, **given)
        else:
            _show_lock(ctx, lock, **given)

    others = [param for param in of_spec.params if param not in (spec, on)]
    params = [spec, on, _LOCK, *others]
    return click.Command("want", params=params, callback=callback, help=of_spec.help)


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
