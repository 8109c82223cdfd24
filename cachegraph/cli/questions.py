"""The commands that ask a graph."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.options import EXIT_CODE, LEVELS, OUTPUT, RELEASE, STACKS, names, show_answer


@cli.command(params=[*OUTPUT])
def stats(*, store: str, **output: Any) -> None:
    """Count nodes by label and relationships by type.

    \b
    Example:
      cachegraph stats
    """
    with Graph(store) as graph:
        show_answer(graph.stats(), **output)


@cli.command(params=[*OUTPUT])
def releases(*, store: str, **output: Any) -> None:
    """List the releases, with their stacks and specs counted.

    \b
    Example:
      cachegraph releases
    """
    with Graph(store) as graph:
        show_answer(graph.releases(), **output)


@cli.command(params=[RELEASE, *OUTPUT])
def stacks(*, store: str, release: str | None, **output: Any) -> None:
    """List the stacks, with their specs and roots counted, and the groups of these.

    Where roots are in groups, what a group needs is asked about like a stack, by the group's name.

    \b
    Example:
      cachegraph stacks --release develop
    """
    with Graph(store) as graph:
        show_answer(graph.stacks(release), **output)


@cli.command(params=[*OUTPUT])
@click.argument("spec", metavar="/HASH|PACKAGE|SPEC", shell_complete=names("PACKAGE"))
def show(spec: str, *, store: str, **output: Any) -> None:
    """Show where a spec was seen and what it is, or all that is known of a package.

    A hash may be cut to any length; the slash may be left out. A spec in the syntax of
    cachegraph find gives all that is known of each that fits.

    \b
    Example:
      cachegraph show py-mpi4py
      cachegraph show /2feova4
    """
    with Graph(store) as graph:
        show_answer(graph.show(spec), **output)


@cli.command(params=[*STACKS, EXIT_CODE, *OUTPUT])
@click.pass_context
def overlap(
    ctx: click.Context,
    /,
    stacks: tuple[str, ...],
    *,
    store: str,
    release: str | None,
    ignore_runtime: bool,
    exit_code: bool,
    **output: Any,
) -> None:
    """Tell what two or more stacks share, at every level, and what keeps the rest apart.

    Specs are equal by hash (the same binary), alike (all that can be seen but dependencies and
    recipe), spec (package, version, variants), version (package, version) or package.

    \b
    Example:
      cachegraph overlap e4s ml-linux-x86_64-cpu
      cachegraph overlap ml-linux-x86_64-cpu ml-linux-x86_64-cuda ml-linux-x86_64-rocm
    """
    with Graph(store) as graph:
        answer = graph.overlap(*stacks, release=release, ignore_runtime=ignore_runtime)
        show_answer(answer, **output)
    if exit_code and answer["shared"]:
        ctx.exit(1)


@cli.command(params=[*STACKS, EXIT_CODE, *OUTPUT])
@click.option("--level", default="hash", show_default=True, type=click.Choice(LEVELS))
@click.pass_context
def matrix(
    ctx: click.Context,
    /,
    stacks: tuple[str, ...],
    *,
    store: str,
    release: str | None,
    ignore_runtime: bool,
    level: str,
    exit_code: bool,
    **output: Any,
) -> None:
    """Tell what every pair of stacks shares; of all stacks but root when none is named.

    \b
    Example:
      cachegraph matrix
      cachegraph matrix --level version e4s hep ml-linux-x86_64-cpu
    """
    with Graph(store) as graph:
        answer = graph.matrix(*stacks, release=release, level=level, ignore_runtime=ignore_runtime)
        show_answer(answer, **output)
    shared = answer["shared"]
    if exit_code and any(shared[i][j] for i in range(len(shared)) for j in range(i)):
        ctx.exit(1)


@cli.command(params=[*OUTPUT])
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something is wrong.")
@click.pass_context
def verify(ctx: click.Context, /, *, store: str, exit_code: bool, **output: Any) -> None:
    """Check the DAG hashes against what the sources' bytes give, and the graph for loose ends.

    For each source: how many specs have the hash that their bytes give, how many another one and
    why they may (external, spliced, carried over from before Spack 1.0, a test package, rewritten
    by a later Spack), and of how many it cannot be told. Problems are hashes without such a reason,
    dependencies that are not there, circles, and one hash with several contents.

    \b
    Example:
      cachegraph verify --exit-code
    """
    with Graph(store) as graph:
        answer = graph.verify()
        show_answer(answer, **output)
    if exit_code and answer["problems"]:
        ctx.exit(1)
