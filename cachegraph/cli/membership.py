"""The commands that tell how many stacks hold what."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.options import (
    EXIT_CODE,
    LEVELS,
    OUTPUT,
    RELEASE,
    RUNTIME,
    STACKS,
    names,
    show_answer,
)

_LEVEL = click.Option(
    ["--level"],
    default="hash",
    show_default=True,
    type=click.Choice(LEVELS),
    help="When specs count as one.",
)


@cli.command(params=[*STACKS, _LEVEL, EXIT_CODE, *OUTPUT])
@click.option(
    "--at-least", default=2, show_default=True, metavar="K", help="In how many stacks at least."
)
@click.pass_context
def shared(
    ctx: click.Context,
    /,
    stacks: tuple[str, ...],
    *,
    store: str,
    at_least: int,
    level: str,
    release: str | None,
    ignore_runtime: bool,
    exit_code: bool,
    **output: Any,
) -> None:
    """List what so many stacks hold, or more; of all stacks but root when none is named.

    \b
    Example:
      cachegraph shared --at-least 3
      cachegraph shared --level version --at-least 2 e4s hep ml-linux-x86_64-cpu
    """
    with Graph(store) as graph:
        answer = graph.shared(
            *stacks,
            at_least=at_least,
            level=level,
            release=release,
            ignore_runtime=ignore_runtime,
        )
        show_answer(answer, **output)
    if exit_code and answer["specs"]:
        ctx.exit(1)


@cli.command(params=[RELEASE, RUNTIME, _LEVEL, EXIT_CODE, *OUTPUT])
@click.argument("stack", shell_complete=names("STACK"))
@click.option("--all-releases", is_flag=True, help="Compare with the stacks of all releases.")
@click.pass_context
def unique(
    ctx: click.Context,
    /,
    stack: str,
    *,
    store: str,
    level: str,
    release: str | None,
    all_releases: bool,
    ignore_runtime: bool,
    exit_code: bool,
    **output: Any,
) -> None:
    """List what only this stack of its release holds: what would be lost if it were dropped.

    That is specs, versions of packages, packages for a target, and what roots of other stacks
    need. The root, which holds everything, is not counted.

    \b
    Example:
      cachegraph unique e4s
      cachegraph unique --level version ml-linux-x86_64-rocm
    """
    with Graph(store) as graph:
        answer = graph.unique(
            stack,
            level=level,
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        show_answer(answer, **output)
    if exit_code and answer["specs"]:
        ctx.exit(1)


@cli.command(params=[*STACKS, EXIT_CODE, *OUTPUT])
@click.option(
    "--within", is_flag=True, help="Only those with several hashes in one and the same stack."
)
@click.pass_context
def duplicates(
    ctx: click.Context,
    /,
    stacks: tuple[str, ...],
    *,
    store: str,
    within: bool,
    release: str | None,
    ignore_runtime: bool,
    exit_code: bool,
    **output: Any,
) -> None:
    """List near-duplicates: specs that look the same but have several hashes.

    They are equal in all that can be seen of them but dependencies and recipe. They are looked for
    in the stacks together; in all but root when none is named.

    \b
    Example:
      cachegraph duplicates e4s
      cachegraph duplicates --within
    """
    with Graph(store) as graph:
        answer = graph.duplicates(
            *stacks, within=within, release=release, ignore_runtime=ignore_runtime
        )
        show_answer(answer, **output)
    if exit_code and answer["groups"]:
        ctx.exit(1)
