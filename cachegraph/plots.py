"""Writes pictures of answers to files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cachegraph.errors import UsageError
from cachegraph.exports.files import atomic_bytes
from cachegraph.output.charts import CHARTS, DRAWN, FORMATS

_DRAWINGS = ", ".join(name for name, module in CHARTS.items() if module == "drawing")
_HINT = f"name it .{', .'.join(FORMATS)}; for {_DRAWINGS} also .{' or .'.join(DRAWN)}"


def plot(answer: Mapping[str, Any], path: Path, *, dark: bool = False) -> None:
    """Makes a picture of an answer in a file, of the type that its name ends in.

    UsageError if there is no such type, no picture of such answers, nothing in this one to be
    shown, or without vl-convert.
    """
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in (*FORMATS, *DRAWN):
        raise UsageError(f"{path}: a picture of an unknown type", _HINT)
    if answer["question"] not in CHARTS:
        hint = f"these have one: {', '.join(CHARTS)}"
        raise UsageError(f"an answer of {answer['question']} has no picture", hint)
    if suffix in DRAWN and CHARTS[answer["question"]] != "drawing":
        raise UsageError(f"{path}: an answer of {answer['question']} has no nodes and lines", _HINT)
    try:
        picture = _picture(answer, suffix, dark=dark)
    except ImportError:
        hint = "pip install 'cachegraph[plots]'"
        raise UsageError("pictures need the package vl-convert-python", hint) from None
    except ValueError as exc:
        raise UsageError(f"there is nothing to be shown: {exc}", "ask of other stacks") from exc
    with atomic_bytes(path) as file:
        file.write(picture)


def _picture(answer: Mapping[str, Any], suffix: str, *, dark: bool) -> bytes:
    if suffix in DRAWN:
        from cachegraph.output.charts import graphs

        text: str = getattr(graphs, DRAWN[suffix])(graphs.drawing_of(answer))
        return text.encode()
    from cachegraph.output.charts.rendering import render

    return render(answer, suffix, dark=dark)
