"""Specs, and lines of YAML, as Spack reads them."""

import json
import re
from collections.abc import Container, Mapping
from typing import Any

from cachegraph.model.spec import FLAGS
from cachegraph.output.printable import printable
from cachegraph.output.tables import on_one_line
from cachegraph.sources.formats import Node

VERSION = "version"
_NOT_WRITTEN = frozenset({*FLAGS, "patches"})
_is_plain = re.compile(r"[\w.,:/@%~+-]+").fullmatch


def spec_text(node: Node, leave_out: Container[str] = ()) -> str:
    """A node as ``name@=version`` with all variants, but patches, which follow from these.

    Those that are on or off come first, and a list is written with ``:=``: nothing more may be in
    it. ``leave_out`` are names of variants, or ``version``.
    """
    text = str(node["name"])
    if VERSION not in leave_out:
        text += f"@={node['version']}"
    named = {
        name: value
        for name, value in node["parameters"].items()
        if name not in _NOT_WRITTEN and name not in leave_out
    }
    switches = {name: value for name, value in named.items() if isinstance(value, bool)}
    text += "".join(f"{'+' if value else '~'}{name}" for name, value in switches.items())
    return " ".join([text, *(_pair(*one) for one in named.items() if one[0] not in switches)])


def _pair(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"{name}:={_quoted(','.join(map(str, value)))}"
    return f"{name}={_quoted(str(value))}"


def _quoted(value: str) -> str:
    """A value of a variant, in quotes where Spack would end it too early."""
    return value if _is_plain(value) else json.dumps(value)


def scalar(text: str) -> str:
    """A text as YAML, in single quotes; in double ones if it has characters that do not print."""
    return "'{}'".format(text.replace("'", "''")) if text.isprintable() else json.dumps(text)


def comment(text: str, indent: str = "") -> str:
    """A line with a comment, which no text can leave."""
    return f"{indent}# {printable(on_one_line(text))}\n"


def pin_lines(pins: Mapping[str, list[str]], indent: str) -> str:
    """What packages are required to be, each under its name, below ``packages:``."""
    return "".join(
        f"{indent}{scalar(name)}:\n{indent}  require:\n"
        + "".join(f"{indent}  - {scalar(text)}\n" for text in texts)
        for name, texts in pins.items()
    )


def pins_by_package(texts: list[str]) -> dict[str, list[str]]:
    """What each package, or virtual package, is required to be by pins."""
    found: dict[str, list[str]] = {}
    for text in texts:
        if virtual := re.fullmatch(r"\^([\w.-]+)=(.+)", text):
            found.setdefault(virtual[1], []).append(virtual[2])
        elif named := re.fullmatch(r"([\w.-]+)\s*(.+)", text):
            found.setdefault(named[1], []).append(named[2])
    return found
