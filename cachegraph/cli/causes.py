"""The commands that say why specs are built more than once."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.options import (
    EXIT_CODE,
    IN,
    OUTPUT,
    RELEASE,
    RUNTIME,
    STACKS,
    names,
    show_answer,
)


@cli.command(params=[EXIT_CODE, *OUTPUT])
@click.argument("left", metavar="/HASH")
@click.argument("right", metavar="/HASH")
@click.pass_context
def why(
    ctx: click.Context, /, left: str, right: str, *, store: str, exit_code: bool, **output: Any
) -> None:
    """Tell why two specs have two hashes: the topmost of what differs, and the way there.

    Both are walked down to where their own content differs: version, variant, flag, compiler, os,
    target, external, recipe, namespace, dependency, provider of a virtual, deptypes. Every cause is
    told once, with its shortest path; below it nothing is, as that may follow from it. A version
    brings its recipe along, and a variant may bring a dependency: they are told as well.

    \b
    Example:
      cachegraph why /2feova4 /bohyooo
    """
    with Graph(store) as graph:
        answer = graph.why(left, right)
        show_answer(answer, **output)
    if exit_code and answer["causes"]:
        ctx.exit(1)


@cli.command(params=[*STACKS, EXIT_CODE, *OUTPUT])
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown, to paste.")
@click.pass_context
def blame(
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
    """Rank the causes of near-duplicates by the builds that they make redundant.

    Near-duplicates look alike (package, version, variants, flags, compiler, platform, os, target)
    but have several hashes; in each group all but one are redundant. Each is held against the one
    that it differs from the least. A build may have several causes: "alone" counts those for which
    nothing but that package differs. Without stacks, all but root of the release are asked about.

    \b
    Example:
      cachegraph blame e4s ml-linux-x86_64-cpu
      cachegraph blame --markdown --release develop
    """
    with Graph(store) as graph:
        answer = graph.blame(*stacks, release=release, ignore_runtime=ignore_runtime)
        show_answer(answer, **output)
    if exit_code and answer["groups"]:
        ctx.exit(1)


@cli.command("what-if", params=[IN, RELEASE, RUNTIME, EXIT_CODE, *OUTPUT])
@click.argument("pins", nargs=-1, metavar="PIN...")
@click.option(
    "--best",
    metavar="K",
    default=0,
    type=click.IntRange(0, 100),
    help="Find K more pins, one after another, each the one that saves the most.",
)
@click.pass_context
def what_if(
    ctx: click.Context,
    /,
    pins: tuple[str, ...],
    *,
    stacks: tuple[str, ...],
    store: str,
    release: str | None,
    ignore_runtime: bool,
    best: int,
    exit_code: bool,
    **output: Any,
) -> None:
    """Count the builds that would be left if attributes were the same for all: an upper bound.

    A pin is a package with one or more attributes, in quotes: versions, variants, flags, %compiler,
    os=, target=; ^mpi=openmpi is the provider of a virtual. What it touches, and all above, is
    hashed again without it; specs that are then equal count as one. What only some of the pinned
    specs need is taken to follow from the pin, and so is the recipe of a version.

    \b
    Example:
      cachegraph what-if "py-mpi4py build_system=python_pip" --in e4s
      cachegraph what-if --best 3
    """
    with Graph(store) as graph:
        answer = graph.what_if(
            *pins, stacks=stacks, release=release, best=best, ignore_runtime=ignore_runtime
        )
        show_answer(answer, **output)
    if exit_code and answer["saved"]:
        ctx.exit(1)


@cli.command(params=[RELEASE, RUNTIME, EXIT_CODE, *OUTPUT])
@click.argument("left", metavar="A", shell_complete=names("STACK"))
@click.argument("right", metavar="B", shell_complete=names("STACK"))
@click.pass_context
def diff(
    ctx: click.Context,
    /,
    left: str,
    right: str,
    *,
    store: str,
    release: str | None,
    ignore_runtime: bool,
    exit_code: bool,
    **output: Any,
) -> None:
    """Tell what became of the specs of a stack, or of a release, in another.

    A and B are stacks, or both are releases, of which all stacks but root are taken together. Specs
    are kept (the same hash), rebuilt (the same package, version and variants under a new
    hash, and why), changed (other versions, variants or the like of a package), added or removed.

    \b
    Example:
      cachegraph diff ml-linux-x86_64-cpu ml-linux-x86_64-cuda
      cachegraph diff develop/e4s develop/hep
    """
    with Graph(store) as graph:
        answer = graph.diff(left, right, release=release, ignore_runtime=ignore_runtime)
        show_answer(answer, **output)
    parts = ("added", "removed", "changed", "rebuilt")
    if exit_code and any(answer[part] for part in parts):  # type: ignore[literal-required]  # its keys
        ctx.exit(1)
