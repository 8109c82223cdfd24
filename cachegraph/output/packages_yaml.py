"""Pins as the configuration of packages that Spack reads: packages.yaml."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from cachegraph.output.cause_tables import first_demands
from cachegraph.output.tables import counted

_WIDTH = 80
_is_plain = re.compile(r"[a-z][a-z0-9-]+").fullmatch
_OTHER_VALUES = frozenset({"false", "no", "null", "off", "on", "true", "yes"})
Require = Mapping[str, Sequence[str]]
"""What Spack is to require, by the name of a package, a virtual, or ``all``."""


def require_line(require: Require) -> str:
    """The configuration in one line: ``packages: {zlib: {require: ["+pic"]}}``."""
    blocks = (
        f"{_key(name)}: {{require: {json.dumps([*texts])}}}" for name, texts in require.items()
    )
    return f"packages: {{{', '.join(blocks)}}}"


def packages_yaml(answer: Mapping[str, Any]) -> str:
    """The configuration of the pins of a what-if, with what each saves as a comment."""
    stacks = ", ".join(one["key"] for one in answer["stacks"])
    head = f"Pins for {stacks}: of {counted(answer['builds'], 'build')} at least"
    head += f" {answer['after']} are left, of which {answer['new']} are new."
    lines = [*_comment(head, ""), *_comment(others_sentence(answer), "")]
    blocks: dict[str, list[tuple[list[str], str]]] = {}
    for step in answer["steps"]:
        comment = list(_about(step, answer["builds"]))
        for name, texts in step["require"].items():
            wanted = blocks.setdefault(name, [])
            known = {text for _, text in wanted}
            wanted += [(comment, text) for text in texts if text not in known]
            comment = [f"{step['pin']}: no other package is to be taken in its place."]
    lines.append("packages:")
    for name, wanted in blocks.items():
        lines.append(f"  {_key(name)}:")
        lines.append("    require:")
        for comment, text in wanted:
            for sentence in comment:
                lines += _comment(sentence, "    ")
            lines.append(f"    - {json.dumps(text)}")
    return "\n".join(lines) + "\n"


def _about(step: Mapping[str, Any], builds: int) -> Iterator[str]:
    """What a pin saves, who needs its value, and what speaks against it."""
    saved, left = f"saves {step['saved']} of {builds} builds at most", step["after"]
    yield f"{step['pin']}: {saved}, and leaves {left}, of which {step['new']} are new."
    if step["needed_by"]:
        yield f"Needed by {first_demands(step['needed_by'])}."
    if step["against"]:
        yield f"Against it: {first_demands(step['against'], values=True)}."
    for virtual, packages in step["provides"].items():
        if len(packages) > 1:
            yield f"{virtual} is provided by {', '.join(packages)}: it is not pinned."


def others_sentence(answer: Mapping[str, Any]) -> str:
    """What pins do to the union with the other stacks of the releases; empty without any."""
    if "others" not in answer:
        return ""
    others = answer["others"]
    return (
        f"Together with {counted(others['stacks'], 'other stack')} of the release it would be"
        f" {others['union_after']} builds instead of {others['union']}, with"
        f" {others['shared_after']} shared instead of {others['shared']}."
    )


def _key(name: str) -> str:
    """A name as the key of a mapping, in quotes if it could be read as anything else."""
    plain = _is_plain(name) and name not in _OTHER_VALUES
    return name if plain else json.dumps(name)


def _comment(text: str, indent: str) -> Iterable[str]:
    """The lines of a comment; what is in the data cannot end it, nor make YAML of the rest."""
    start = f"{indent}# "
    printable = "".join(one if one.isprintable() else " " for one in text)
    return wrap(
        " ".join(printable.split()),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )
