"""The command ``prune``, which also writes a keep list for Spack."""

from typing import Any

import click

from cachegraph.analysis.pruning import check_not_refused
from cachegraph.api import Graph
from cachegraph.cli.command import question_command
from cachegraph.cli.options import Output, files
from cachegraph.console.streams import say
from cachegraph.questions.prune import Prune

_KEEPLIST = click.Option(
    ["--keeplist"],
    metavar="FILE",
    type=click.Path(),
    shell_complete=files,
    help="Write the hashes of what stays, for spack buildcache prune.",
)


def prune_command() -> click.Command:
    """The command of the question ``prune``, with the option ``--keeplist``."""
    asked = question_command("prune")

    @click.pass_context
    def callback(
        ctx: click.Context,
        /,
        *,
        store: str,
        exit_code: bool,
        keeplist: str | None,
        **given: Any,
    ) -> None:
        output = Output(given, Prune.main_section)
        question = Prune(**given)
        with Graph(store) as graph:
            answer = graph.prune(**given)
            output.show(answer, question.tables)
            if keeplist is not None:
                count = graph.write_keeplist(answer, keeplist)
                stay = f"The hashes of {count} specs that stay are in {keeplist}"
                say(f"{stay}: Spack deletes all others")
        check_not_refused(answer)
        if exit_code and question.found(answer):
            ctx.exit(1)

    at = next(n for n, param in enumerate(asked.params) if param.name == "force")
    params = [*asked.params[:at], _KEEPLIST, *asked.params[at:]]
    return click.Command("prune", params=params, callback=callback, help=asked.help)
