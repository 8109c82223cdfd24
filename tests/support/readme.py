"""Parts of the README that are made from the program."""

import re
from inspect import cleandoc

import click

from cachegraph.cli import GROUPS, OTHERS, cli
from cachegraph.questions import QUESTIONS

_CONTEXT = click.Context(cli, info_name="cachegraph")
_example = re.compile(r"^Examples:\n *(.+)$", re.MULTILINE).search


def commands() -> str:
    """The commands as Markdown: a heading and a table for each group."""
    return "\n".join(map(_group, GROUPS))


def _group(group: str) -> str:
    lines = [f"### {GROUPS[group]}", "", "| command | answers | example |", "|---|---|---|"]
    lines += [command_row(name) for name in _names(group)]
    return "".join(f"{line}\n" for line in lines)


def _names(group: str) -> list[str]:
    questions = [name for name, entry in QUESTIONS.items() if entry.group == group]
    return questions + [name for name, (of, _) in OTHERS.items() if of == group]


def command_row(name: str) -> str:
    """The usage of a command, the first sentence of its help, and the first of its examples."""
    command = cli.get_command(_CONTEXT, name)
    assert command is not None, name
    help_ = cleandoc(command.help or "")
    example = _example(help_)
    assert example, f"cachegraph {name} --help has no example"
    summary = help_.partition("\n")[0].removesuffix(".")
    return f"| {_code(_usage(command))} | {summary} | {_code(example[1])} |"


def _usage(command: click.Command) -> str:
    """Such as ``cachegraph coverage [PACKAGE...]``: the command with its arguments."""
    context = click.Context(command, parent=_CONTEXT, info_name=command.name)
    arguments = (param for param in command.params if isinstance(param, click.Argument))
    pieces = [piece for argument in arguments for piece in argument.get_usage_pieces(context)]
    return " ".join(["cachegraph", str(command.name), *pieces])


def _code(text: str) -> str:
    """Text as code in a cell of a table, which a pipe would end even there."""
    escaped = text.replace("|", r"\|")
    return f"`{escaped}`"
