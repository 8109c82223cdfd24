"""The command ``affected``, of a spec or of all that a document of advisories names."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.alternatives import spec_or_file
from cachegraph.cli.options import Output, files
from cachegraph.console.streams import say
from cachegraph.questions.affected import Affected

_FROM_OSV = click.Option(
    ["--from-osv"],
    metavar="FILE",
    shell_complete=files,
    help="Ask about what an advisory of OSV, or a CycloneDX VEX document, names; - reads "
    "standard input.",
)


def affected_command() -> click.Command:
    """The command of the question ``affected``, with the option ``--from-osv``."""
    return spec_or_file("affected", _FROM_OSV, _show)


def _show(ctx: click.Context, location: str, *, store: str, exit_code: bool, **given: Any) -> None:
    """Prints what the advisories of a document reach, and makes a picture if one is asked for."""
    output = Output(given, Affected.main_section)
    picture, dark = given.pop("plot"), given.pop("dark")
    question = Affected(spec=location)
    with Graph(store) as graph:
        answer = graph.affected_by(location, **given)
        if picture is not None:
            graph.plot(answer, picture, dark=dark)
            say(f"The picture is in {picture}")
        output.show(answer, question.tables)
    if exit_code and question.found(answer):
        ctx.exit(1)
