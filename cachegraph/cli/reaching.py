"""The commands that follow dependencies."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli import cli
from cachegraph.cli.options import EXIT_CODE, OUTPUT, RELEASE, names, show_answer

SPEC = click.Argument(["spec"], metavar="SPEC", shell_complete=names("PACKAGE"))
DEPTYPE = click.Option(
    ["--deptype", "deptypes"],
    multiple=True,
    metavar="TYPE[,TYPE...]",
    help="Follow only dependencies of any of these types: build, link, run, test.",
)
REACHING = [
    SPEC,
    click.Option(["--transitive", "-t"], is_flag=True, help="Follow dependencies all the way."),
    DEPTYPE,
    click.Option(["--tree"], is_flag=True, help="All the way, as a tree; what was above is cut."),
    click.Option(["--path"], metavar="TO", help="One shortest chain between SPEC and this one."),
    click.Option(
        ["--in", "stacks"],
        multiple=True,
        metavar="STACK",
        shell_complete=names("STACK"),
        help="Only specs that this stack holds; may be repeated.",
    ),
    RELEASE,
    EXIT_CODE,
    *OUTPUT,
]


@cli.command(params=REACHING)
@click.pass_context
def deps(ctx: click.Context, /, spec: str, **asked: Any) -> None:
    """List what a spec depends on.

    A SPEC that several specs fit stands for all of them. A path leads from SPEC down to TO.

    \b
    Example:
      cachegraph deps py-mpi4py
      cachegraph deps py-mpi4py --transitive --deptype link,run
      cachegraph deps py-mpi4py --tree
    """
    _answer(ctx, "deps", spec, **asked)


@cli.command(params=REACHING)
@click.pass_context
def dependents(ctx: click.Context, /, spec: str, **asked: Any) -> None:
    """List what depends on a spec.

    A SPEC that several specs fit stands for all of them. A path leads from TO down to SPEC.

    \b
    Example:
      cachegraph dependents py-pdm-backend
      cachegraph dependents py-pdm-backend --transitive --in e4s
      cachegraph dependents py-pdm-backend --path py-mpi4py
    """
    _answer(ctx, "dependents", spec, **asked)


def _answer(
    ctx: click.Context, question: str, spec: str, *, store: str, exit_code: bool, **asked: Any
) -> None:
    output = {name: asked.pop(name) for name in ("form", "section", "everything")}
    with Graph(store) as graph:
        answer = getattr(graph, question)(spec, compact=output["form"] != "json", **asked)
        show_answer(answer, **output)
    if exit_code and (answer.get("path") or answer.get("specs")):
        ctx.exit(1)


@cli.command(params=[SPEC, DEPTYPE, EXIT_CODE, *OUTPUT])
@click.pass_context
def affected(
    ctx: click.Context,
    /,
    spec: str,
    *,
    store: str,
    deptypes: tuple[str, ...],
    exit_code: bool,
    **output: Any,
) -> None:
    """Tell what depends on a spec in any way, and the stacks, roots and releases that reaches.

    Package URLs of the specs are in the JSON.

    \b
    Example:
      cachegraph affected py-pdm-backend
      cachegraph affected py-pdm-backend --deptype link,run --json
    """
    with Graph(store) as graph:
        answer = graph.affected(spec, deptypes=deptypes)
        show_answer(answer, **output)
    if exit_code and (answer["matched"] or answer["specs"]):
        ctx.exit(1)
