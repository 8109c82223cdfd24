"""Checks the ``meta`` of a page, which sums up its entries, against the entries."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from cachegraph.errors import quoted, shortened
from cachegraph.model.spec import compiler_name
from cachegraph.model.stack_key import ROOT

_LONGEST_SHOWN = 50
_MOST_SHOWN = 20
_JSON_TYPES = {dict: "an object", list: "a list", str: "text", bool: "a boolean"}


def contradictions(
    meta: Any,
    descriptions: Iterable[tuple[Any, ...]],
    labels: Mapping[tuple[str, ...], int],
    entries: int,
) -> Iterator[tuple[str, str]]:
    """The fields of ``meta`` that contradict the entries, and how.

    Descriptions are compiler, os, platform, target, version and variants as on the page; labels
    are lists of stacks, with the number of entries that have exactly these.
    """
    if not isinstance(meta, dict):
        yield "", f"expected an object, found {show(meta)}"
        return
    counts: dict[str, int] = {}
    for stacks, number in labels.items():
        for stack in {*stacks}:
            counts[stack] = counts.get(stack, 0) + number
    columns = [set(column) for column in islice(zip(*descriptions, strict=False), 5)]
    compilers, oss, platforms, targets, versions = columns or [set[Any]()] * 5
    in_entries = {
        "num_specs": entries,
        "num_specs_by_stack": counts,
        "stacks": {*counts},
        "versions": versions,
        "compilers": {*map(compiler_name, compilers)},
        "oss": oss,
        "platforms": platforms,
        "targets": targets,
    }
    for field, value in in_entries.items():
        if field in meta:
            in_meta = _comparable(field, meta[field], counts)
            if in_meta != value:
                yield f".{field}", describe_difference(in_meta, value)


def _comparable(field: str, value: Any, counts: dict[str, int]) -> Any:
    """A value of meta in the form of what the entries give; one of a wrong type as it is."""
    if field == "num_specs_by_stack" and isinstance(value, dict):
        # Pages of 2022 count a root that their entries do not name.
        return {k: v for k, v in value.items() if v and (k != ROOT or k in counts)}
    value = texts_or_value(value)
    if isinstance(value, set):
        if field == "compilers":
            return set(map(compiler_name, value))
        return value - ({ROOT} - counts.keys() if field == "stacks" else set())
    return value


def texts_or_value(value: Any) -> Any:
    """The set of the texts in a list; a value of another type as it is."""
    is_list = isinstance(value, list) and {*map(type, value)} <= {str}
    return set(value) if is_list else value


def describe_difference(in_meta: Any, in_entries: Any) -> str:
    """How a value of meta differs from what the entries give."""
    if isinstance(in_meta, set) and isinstance(in_entries, set):
        missing, extra = in_entries - in_meta, in_meta - in_entries
        parts = [f"names {_some(extra)}, which no spec has"] if extra else []
        parts += [f"lacks {_some(missing)}, which specs have"] if missing else []
        return "; ".join(parts)
    if isinstance(in_meta, dict) and isinstance(in_entries, dict):
        parts = []
        for key in sorted({*in_meta, *in_entries}, key=str):
            left, right = in_meta.get(key, 0), in_entries.get(key, 0)
            if left != right:
                parts.append(f"says {_text(left)} for {_text(key)}, found {right}")
        return "; ".join(parts)
    return f"says {quoted(in_meta)}, spec_details holds {quoted(in_entries)}"


def _some(values: set[Any]) -> str:
    """The first of the values in order, and how many there are more."""
    shown = sorted(map(_text, values))
    more = [f"{len(shown) - _MOST_SHOWN:,} more"] if len(shown) > _MOST_SHOWN else []
    return ", ".join(shown[:_MOST_SHOWN] + more)


def _text(value: Any) -> str:
    return shortened(value, _LONGEST_SHOWN) if isinstance(value, str) else quoted(value)


def json_type(value: Any) -> str:
    """The JSON type of a value, in words for a message."""
    return "null" if value is None else _JSON_TYPES.get(type(value), "a number")


def show(value: Any) -> str:
    """The JSON type of a value and the value, shortened for a message."""
    return f"{json_type(value)}: {quoted(value)}"
