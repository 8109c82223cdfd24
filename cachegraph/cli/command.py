"""Makes the command of a question from its class: its options, its help, its exit status."""

import re
from collections.abc import Iterator, Sequence
from inspect import cleandoc
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, names_of, one_of
from cachegraph.cli.output import Output, options_for
from cachegraph.cli.streams import say
from cachegraph.output.charts import CHARTS
from cachegraph.questions import Question, fields, question_class
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
_MORE = "_more"  # the end of the name of an option that adds to an argument
_FLAGS = r"((?:c|cpp|cxx|f|ld)flags|ldlibs)(==?)(?![\"'])(.*\s.*)"


def question_command(name: str) -> click.Command:
    """The command that asks the question of that name and prints the answer."""
    question = question_class(name)
    has_limit = "limit" in fields(question)

    @click.pass_context
    def callback(
        ctx: click.Context, /, *, store: str, exit_code: bool = False, **given: Any
    ) -> None:
        output = Output(given, question.main_section)
        picture, dark = given.pop("plot", None), given.pop("dark", False)
        folder, every_root = given.pop("spack_yaml", None), given.pop("every_root", False)
        for field in [name for name in given if name.endswith(_MORE)]:
            given[field.removesuffix(_MORE)] += given.pop(field)
        if "for_table" in fields(question):
            given["for_table"] = output.form != "json"
        with Graph(store) as graph:
            asked = question(**given)
            found = graph.ask(asked, lazily=True)
            if picture is not None:
                graph.plot(found, picture, dark=dark)
                say(f"The picture is in {picture}")
            if folder is not None:
                for note in graph.write_base(found, folder, every_root=every_root):
                    say(f"Note: {note}")
                say(f"The environments are in {folder}")
            output.show(found, asked.tables, asked.markdown, asked.text(found))
        if (exit_code or given.get("fail_on")) and asked.found(found):
            ctx.exit(1)

    return click.Command(
        name,
        params=[
            *_own_parameters(name, question),
            STORE,
            *options_for(question.sections, limit=not has_limit),
        ],
        callback=callback,
        help=help_text(question),
    )


def _own_parameters(name: str, question: type[Question[Any, Any]]) -> Iterator[click.Parameter]:
    """The arguments and options of a question, before those that all commands have."""
    for field, hint in fields(question).items():
        yield from _parameters(question, field, hint)
    if question.exit_code:
        yield click.Option(["--exit-code"], is_flag=True, help=question.exit_code)
    if name in CHARTS:
        yield from _PLOT
    yield from _WRITE.get(name, ())


def help_text(question: type[Question[Any, Any]]) -> str:
    """The docstring of a question as Click prints it, its examples last and as they are."""
    text, _, examples = cleandoc(question.__doc__ or "").partition("\nExamples:\n")
    return f"{text}\n\n\b\nExamples:\n{examples}"


def _parameters(
    question: type[Question[Any, Any]], field: str, hint: Any
) -> Iterator[click.Parameter]:
    """The argument or option of a field, or both; none for a field that only the library gives."""
    described = next((m for m in getattr(hint, "__metadata__", ()) if m), None)
    if described is None:
        return
    default = getattr(question, field, None)
    many = isinstance(default, tuple) or "Sequence" in str(hint.__origin__)
    complete = names_of(*described.completes) if described.completes else None
    if isinstance(described, Argument):
        yield click.Argument(
            [field],
            nargs=-1 if many or described.words else 1,
            required=not hasattr(question, field),
            metavar=described.metavar,
            shell_complete=complete,
            callback=_joined if described.words else None,
        )
        if described.option is not None:
            yield _option(described.option, field + _MORE, (), many=True, complete=complete)
    else:
        if described.words:
            complete = one_of(described.words)
        yield _option(described, field, default, many=many, complete=complete)


def _option(option: Option, field: str, default: Any, *, many: bool, complete: Any) -> click.Option:
    names = option.names or ["--" + field.replace("_", "-")]
    type_: Any = click.Choice(option.choices) if option.choices else None
    if isinstance(default, int) and not isinstance(default, bool):
        bounded = option.least is not None or option.most is not None
        type_ = click.IntRange(option.least, option.most) if bounded else click.INT
    return click.Option(
        [*names, field],
        help=option.help,
        metavar=option.metavar,
        type=type_,
        default=None if many else default,
        show_default=type_ is not None,
        multiple=many,
        is_flag=default is False,
        shell_complete=complete,
    )


def _joined(_: click.Context, __: click.Parameter, words: Sequence[str]) -> str:
    """One spec of several words; compiler flags get back the quotes that the shell took."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    flags = re.fullmatch(_FLAGS, word, re.DOTALL)
    return f'{flags[1]}{flags[2]}"{flags[3]}"' if flags else word
