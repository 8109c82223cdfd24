"""Writes pictures of answers to files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cachegraph.errors import UsageError
from cachegraph.exports.files import atomic_bytes
from cachegraph.output.charts import CHARTS, FORMATS

_HINT = f"name it .{', .'.join(FORMATS)}"


def plot(answer: Mapping[str, Any], path: Path, *, dark: bool = False) -> None:
    """Makes a picture of an answer in a file, of the type that its name ends in.

    UsageError if there is no such type, no picture of such answers, nothing in this one to be
    shown, or without vl-convert.
    """
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise UsageError(f"{path}: a picture of an unknown type", _HINT)
    if answer["question"] not in CHARTS:
        hint = f"these have one: {', '.join(CHARTS)}"
        raise UsageError(f"an answer of {answer['question']} has no picture", hint)
    try:
        from cachegraph.output.charts.rendering import render

        picture = render(answer, suffix, dark=dark)
    except ImportError:
        hint = "pip install 'cachegraph[plots]'"
        raise UsageError("pictures need the package vl-convert-python", hint) from None
    except ValueError as exc:
        raise UsageError(f"there is nothing to be shown: {exc}", "ask of other stacks") from exc
    with atomic_bytes(path) as file:
        file.write(picture)
