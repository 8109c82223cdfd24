"""The command that writes a report."""

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, names_in_store
from cachegraph.console.streams import say
from cachegraph.model.schema import RELEASE, STACK
from cachegraph.questions.parameters import IN, RELEASE_HELP


@click.command("report", params=[STORE])
@click.argument("path", metavar="FILE.html", type=click.Path())
@click.option(
    "--in",
    "stacks",
    metavar="STACK",
    multiple=True,
    help=IN.help,
    shell_complete=names_in_store(STACK),
)
@click.option(
    "--release",
    metavar="NAME",
    multiple=True,
    help=f"{RELEASE_HELP} [default: develop if there is one, else all]",
    shell_complete=names_in_store(RELEASE),
)
@click.option("--all-releases", is_flag=True, help="The stacks of all releases.")
def report_command(
    path: str, *, stacks: tuple[str, ...], release: tuple[str, ...], all_releases: bool, store: str
) -> None:
    """Write a report on stacks as one HTML file, to mail or to publish.

    It has the headline figures, a heatmap of what the stacks share, what is built twice and why,
    the pins that would stop it, packages that a stack has more than once, holes in the coverage,
    what changed since the release before, and how far the hashes are proved: each picture with its
    table. The file asks for no other file and runs nothing. Pictures need the extra plots.

    \b
    Examples:
      cachegraph report report.html
      cachegraph report e4s.html --release e4s-24.11
    """
    with Graph(store) as graph:
        graph.report(path, stacks=stacks, release=release, all_releases=all_releases)
    say(f"The report is in {path}")
