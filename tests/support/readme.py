"""The parts of the README that are made from the program, by ``python -m tests.support.readme``."""

import re
import shlex
from inspect import cleandoc
from pathlib import Path

import click

import cachegraph
from cachegraph.cli import GROUPS, OTHERS, cli
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES
from cachegraph.questions import QUESTIONS
from cachegraph.reading.discover import SAMPLE
from tests.support.cypher_answers import ON_SAMPLE, parameters_of
from tests.support.terminal import in_terminal

README = Path(__file__).parents[2] / "README.md"
UPDATE = "python -m tests.support.readme"
_CONTEXT = click.Context(cli, info_name="cachegraph")
_example = re.compile(r"^Examples:\n *(.+)$", re.MULTILINE).search


def updated(folder: Path) -> str:
    """The README as it should be; the folder is for the store of its sessions."""
    store = folder / "sample.db"
    cachegraph.open(store).import_(SAMPLE)
    text = README.read_text()
    made_parts = {
        "commands": commands(),
        "questions in Cypher": cypher_questions(),
        "picture of the model": picture(),
        "model": model(),
    }
    for name, made in made_parts.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        text = before + begin + made + rest[rest.index(f"<!-- end of {name} -->") :]
    return _sessions(text, store)


def _sessions(text: str, store: Path) -> str:
    """The text with what the commands of its sessions print now, asked of the sample."""

    def printed(match: re.Match[str]) -> str:
        words = shlex.split(match[1])[1:]
        shown = in_terminal(*words, NO_COLOR="1", CACHEGRAPH_STORE=str(store), COLUMNS="92")
        return f"```console\n$ {match[1]}\n{shown}```\n"

    return re.sub(r"```console\n\$ (.+)\n[^`]*```\n", printed, text)


def cypher_questions() -> str:
    """The table of the files of ``cypher/``: parameters, and what they answer on the sample."""
    lines = ["| file | `:param` | on the sample |", "|---|---|---|"]
    for name, answer in ON_SAMPLE.items():
        given = parameters_of(name)
        lines.append(f"| `{name}.cypher` | {given and _code(given)} | {answer.told} |")
    return "".join(f"{line}\n" for line in lines)


def picture() -> str:
    """The labels, with their keys, and the relationships between them, in Mermaid.

    A relationship within a label leads to a second node of it: a loop would cover other names.
    """
    labels = {node.label: node for node in NODE_TYPES}
    arrows: dict[tuple[str, str], list[str]] = {}
    for type_ in RELATIONSHIP_TYPES:
        end = f"{type_.end.label}{'2' * type_.same_label}"
        labels[end] = type_.end
        arrows.setdefault((type_.start.label, end), []).append(type_.name)
    lines = ["```mermaid", "flowchart TB"]
    lines += [f'  {name}["{node.label}<br>{node.key.name}"]' for name, node in labels.items()]
    lines += [
        f"  {start} -->|{'<br>'.join(names)}| {end}" for (start, end), names in arrows.items()
    ]
    return "".join(f"{line}\n" for line in [*lines, "```"])


def model() -> str:
    """The tables of the graph's model."""
    lines = ["| label | key | other properties | |", "|---|---|---|---|"]
    for node in NODE_TYPES:
        others = ", ".join(f"`{p.name}`" for p in node.properties)
        lines.append(f"| `{node.label}` | `{node.key.name}` | {others} | {node.doc} |")
    lines += ["", "| relationship | from, to | properties | |", "|---|---|---|---|"]
    for type_ in RELATIONSHIP_TYPES:
        others = ", ".join(f"`{p.name}`" for p in type_.properties)
        ends = f"{type_.start.label}, {type_.end.label}"
        lines.append(f"| `{type_.name}` | {ends} | {others} | {type_.doc} |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """The commands as Markdown: a heading and a table for each group."""
    return "\n".join(map(_group, GROUPS))


def _group(group: str) -> str:
    lines = [f"### {GROUPS[group]}", "", "| command | answers | example |", "|---|---|---|"]
    lines += [command_row(name) for name in _names(group)]
    return "".join(f"{line}\n" for line in lines)


def _names(group: str) -> list[str]:
    return [name for name, (of, *_) in (QUESTIONS | OTHERS).items() if of == group]


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


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as temporary:
        README.write_text(updated(Path(temporary)))
