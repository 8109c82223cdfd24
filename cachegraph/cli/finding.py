"""The commands that find specs."""

import re
from collections.abc import Sequence
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.options import EXIT_CODE, OUTPUT, RELEASE, names, show_answer

_flags = re.compile(r"((?:c|cpp|cxx|f|ld)flags|ldlibs)(==?)(?![\"'])(.*\s.*)", re.DOTALL).fullmatch


def spec_of(words: Sequence[str]) -> str:
    """One spec of several words; compiler flags get back the quotes that the shell took."""
    quoted = (_flags(word) for word in words)
    return " ".join(
        f'{flags[1]}{flags[2]}"{flags[3]}"' if flags else word
        for flags, word in zip(quoted, words, strict=True)
    )


@cli.command(params=[RELEASE, EXIT_CODE, *OUTPUT])
@click.argument("spec", nargs=-1, required=True, metavar="SPEC", shell_complete=names("PACKAGE"))
@click.option(
    "--in",
    "stacks",
    multiple=True,
    metavar="STACK",
    shell_complete=names("STACK"),
    help="Only specs of this stack; may be given several times.",
)
@click.pass_context
def find(
    ctx: click.Context,
    /,
    spec: tuple[str, ...],
    *,
    store: str,
    stacks: tuple[str, ...],
    release: str | None,
    exit_code: bool,
    **output: Any,
) -> None:
    """Find specs by Spack's spec syntax, with the stacks that hold them.

    \b
      hdf5@1.14          1.14 and all 1.14.x; @=1.14 that alone; @1.12:1.14, @1.12:, @:1.14;
                         several with commas
      +mpi ~shared       variants; build_type=Release, fabrics=ofi,verbs (at least these),
                         fabrics:=ofi (only these), api=* (any)
      cflags="-O2"       compiler flags
      %gcc@12            the compiler, or any other direct dependency; %c,cxx=gcc
      os=sles15 target=zen3 platform=linux arch=linux-sles15-zen3 target=x86_64_v3:
      /2feova4           a hash, or its beginning
      ^zlib-ng@2+opt     a dependency, at any depth and of any type; ^mpi, ^mpi=openmpi,
                         ^[deptypes=run] python

    Without a name, specs of all packages are found. With --release but no --in, specs of all stacks
    of the release.

    \b
    Example:
      cachegraph find py-mpi4py@4:
      cachegraph find py-mpi4py%gcc@11 target=x86_64_v3 --in e4s
    """
    with Graph(store) as graph:
        answer = graph.find(spec_of(spec), *stacks, release=release)
        show_answer(answer, **output)
    if exit_code and answer["specs"]:
        ctx.exit(1)
