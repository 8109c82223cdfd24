"""Makes the command of a question from its class: its options, its help, its exit status."""

from collections.abc import Iterator, Sequence
from functools import partial
from inspect import cleandoc
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, Output, names_in_store, option_of, options_for
from cachegraph.console.asking import answer
from cachegraph.console.output import OptionsError
from cachegraph.console.streams import say
from cachegraph.console.words import AnyQuestion, declared, joined
from cachegraph.output.charts import CHARTS
from cachegraph.questions import fields, question_class
from cachegraph.questions.parameters import Argument, Option

_PLOT = [
    click.Option(
        ["--plot"],
        metavar="FILE",
        type=click.Path(),
        help="Make a picture, too: .svg, .png, .pdf or .html.",
    ),
    click.Option(["--dark"], is_flag=True, help="The picture has a dark background."),
]
_WRITE = {
    "base": [
        click.Option(
            ["--spack-yaml"],
            metavar="FOLDER",
            type=click.Path(),
            help="Write a base as an environment, and the lines to add for each stack.",
        ),
        click.Option(
            ["--every-root"],
            is_flag=True,
            help="All specs of the base are roots, not only the topmost with pins below.",
        ),
    ]
}
_WRITTEN = "plot", "dark", "spack_yaml", "every_root"


def question_command(name: str) -> click.Command:
    """The command that asks the question of that name and prints the answer."""
    question = question_class(name)

    @click.pass_context
    def callback(ctx: click.Context, /, *, store: str, **given: Any) -> None:
        written = {name: given.pop(name) for name in _WRITTEN if name in given}
        with Graph(store) as graph:
            if isinstance(ctx.obj, OptionsError):  # it was asked before, without Click
                raise click.UsageError(ctx.obj.message)
            output, then = Output(given, question.main_section), partial(_write, graph, **written)
            if status := answer(question, given, graph, output, then):
                ctx.exit(status)

    return click.Command(
        name,
        params=[
            *_own_parameters(name, question),
            STORE,
            *options_for(question.sections, limit="limit" not in fields(question)),
        ],
        callback=callback,
        help=help_text(question),
    )


def _write(  # one for each option
    graph: Graph,
    found: Any,
    *,
    plot: str | None = None,
    dark: bool = False,
    spack_yaml: str | None = None,
    every_root: bool = False,
) -> None:
    """Writes the files that are asked for of an answer."""
    if plot is not None:
        graph.plot(found, plot, dark=dark)
        say(f"The picture is in {plot}")
    if spack_yaml is not None:
        for note in graph.write_base(found, spack_yaml, every_root=every_root):
            say(f"Note: {note}")
        say(f"The environments are in {spack_yaml}")


def _own_parameters(name: str, question: type[AnyQuestion]) -> Iterator[click.Parameter]:
    """The arguments and options of a question, before those that all commands have."""
    for parameter in declared(question):
        yield _parameter(question, *parameter)
    if question.exit_code:
        yield click.Option(["--exit-code"], is_flag=True, help=question.exit_code)
    if name in CHARTS:
        yield from _PLOT
    yield from _WRITE.get(name, ())


def help_text(question: type[AnyQuestion]) -> str:
    """The docstring of a question as Click prints it, its examples last and as they are."""
    text, _, examples = cleandoc(question.__doc__ or "").partition("\nExamples:\n")
    return f"{text}\n\n\b\nExamples:\n{examples}"


def _parameter(
    question: type[AnyQuestion], field: str, described: Argument | Option, default: Any, many: bool
) -> click.Parameter:
    """The argument or option of a field."""
    if isinstance(described, Option):
        return option_of(field, described, default, many)
    return click.Argument(
        [field],
        nargs=-1 if many or described.words else 1,
        required=not hasattr(question, field),
        metavar=described.metavar,
        shell_complete=names_in_store(*described.completes) if described.completes else None,
        callback=_joined if described.words else None,
    )


def _joined(_: click.Context, __: click.Parameter, words: Sequence[str]) -> str:
    return joined(words)
