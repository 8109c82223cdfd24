"""The command that looks for the nearest binaries."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.finding import spec_of
from cachegraph.cli.options import IN, OUTPUT, RELEASE, names, show_answer


@cli.command(params=[IN, RELEASE, *OUTPUT])
@click.argument("spec", nargs=-1, metavar="[SPEC]", shell_complete=names("PACKAGE"))
@click.option(
    "--on",
    metavar="ARCH",
    help="Where it is to run: platform-os-target. Not guessed.",
)
@click.option("--lock", metavar="FILE", help="Look for the specs of a lock file instead.")
@click.option(
    "--limit", default=10, show_default=True, type=click.IntRange(1), help="Show so many binaries."
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when what is wanted is not all there.")
@click.pass_context
def want(
    ctx: click.Context,
    /,
    spec: tuple[str, ...],
    *,
    store: str,
    on: str | None,
    lock: str | None,
    limit: int,
    stacks: tuple[str, ...],
    release: str | None,
    exit_code: bool,
    **output: Any,
) -> None:
    """Find the binaries that are nearest to a spec, with what differs.

    First come those that fit; then those for an older target, which run on the newer; then those
    of another compiler, with other dependencies, variants, of another version. Last are those that
    do not run there: for a newer target or one of another family, another OS or platform. Without
    --on, these count only as far as SPEC names them.

    With --lock spack.lock each spec of a lock file is looked for: it is available (the stacks hold
    its hash), near (a binary that runs differs in one thing), or missing. It is to run where the
    lock file says, unless --on does. Externals are not looked for.

    \b
    Example:
      cachegraph want py-mpi4py@4 %gcc@11 --on linux-ubuntu22.04-zen3
      cachegraph want py-ml-dtypes --in ml-linux-x86_64-cpu --limit 3
    """
    if bool(spec) == (lock is not None):
        raise click.UsageError("give either a spec or --lock FILE")
    with Graph(store) as graph:
        if lock is not None:
            answer = graph.want_lock(lock, on=on, stacks=stacks, release=release)
            there = answer["available"] == answer["total"]
        else:
            answer = graph.want(spec_of(spec), on=on, stacks=stacks, release=release, limit=limit)
            there = any(not row["differs"] for row in answer["candidates"])
        show_answer(answer, **output)
    if exit_code and not there:
        ctx.exit(1)
