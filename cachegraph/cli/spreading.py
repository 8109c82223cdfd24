"""The commands that ask where packages are, and since when."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.options import EXIT_CODE, IN, OUTPUT, RELEASE, RUNTIME, names, show_answer


@cli.command(params=[IN, RELEASE, RUNTIME, EXIT_CODE, *OUTPUT])
@click.argument("packages", nargs=-1, metavar="[PACKAGE...]", shell_complete=names("PACKAGE"))
@click.option(
    "--by",
    default="target",
    show_default=True,
    type=click.Choice(("target", "os", "compiler", "platform", "stack")),
    help="What the columns are.",
)
@click.pass_context
def coverage(
    ctx: click.Context,
    /,
    packages: tuple[str, ...],
    *,
    store: str,
    by: str,
    stacks: tuple[str, ...],
    release: str | None,
    ignore_runtime: bool,
    exit_code: bool,
    **output: Any,
) -> None:
    """Count the specs of each package for each target, and tell where there are none.

    Packages with the most holes come first. Columns are the targets of all specs in the stacks,
    which are all but root when none is named. With --exit-code a hole is something found.

    A spec whose target (or os, compiler) is unknown or none, as the compiler of most Python
    packages is, is in no cell: such specs are counted apart, in JSON by package.

    \b
    Example:
      cachegraph coverage
      cachegraph coverage py-mpi4py --by os --in e4s --in ml-linux-x86_64-cpu
    """
    with Graph(store) as graph:
        answer = graph.coverage(
            *packages, by=by, stacks=stacks, release=release, ignore_runtime=ignore_runtime
        )
        show_answer(answer, **output)
    if exit_code and answer["holes"]:
        ctx.exit(1)


@cli.command(params=[*OUTPUT])
@click.argument("package", shell_complete=names("PACKAGE"))
def history(package: str, *, store: str, **output: Any) -> None:
    """Show the versions and hashes of a package over the releases.

    Dated snapshots come first, then versions, others, and develop. Each is compared with the one
    before of its series (develop with its last snapshot, or the last version): how many hashes are
    new, how many gone, and what became of stacks that held the package. What only root holds
    counts as well.

    \b
    Example:
      cachegraph history py-mpi4py
    """
    with Graph(store) as graph:
        show_answer(graph.history(package), **output)
