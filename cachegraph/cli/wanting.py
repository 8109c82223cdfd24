"""The command ``want``, which looks for one spec or for all of a lock file."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.command import question_command
from cachegraph.cli.options import show_answer

_LOCK = click.Option(["--lock"], metavar="FILE", help="Look for the specs of a lock file instead.")


def want_command() -> click.Command:
    """The command of the question ``want``, with the option ``--lock``."""
    command = question_command("want")
    of_spec = command.callback
    command.params.insert(1, _LOCK)
    command.params[0].required = False

    @click.pass_context
    def callback(ctx: click.Context, /, *, lock: str | None, spec: str, **given: Any) -> None:
        if bool(spec) == (lock is not None):
            raise click.UsageError("give either a spec or --lock FILE")
        if lock is None:
            ctx.invoke(of_spec, spec=spec, **given)
        else:
            _of_lock(ctx, lock, **given)

    command.callback = callback
    return command


def _of_lock(ctx: click.Context, lock: str, *, store: str, exit_code: bool, **given: Any) -> None:
    from cachegraph.questions.want import Want

    del given["limit"]  # of a spec only
    output = {name: given.pop(name) for name in ("form", "section", "everything")}
    question = Want(spec="")
    with Graph(store) as graph:
        answer = graph.want_lock(lock, **given)
        show_answer(answer, question.tables, **output)
    if exit_code and question.found(answer):
        ctx.exit(1)
