"""What a page's ``meta`` sums up, held against what its entries say."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from cachegraph.model.spec import compiler_name
from cachegraph.model.stack_key import ROOT

_LONG = 50


def contradictions(
    meta: Any, looks: Iterable[tuple[Any, ...]], labels: Mapping[tuple[str, ...], int], entries: int
) -> Iterator[tuple[str, str]]:
    """The fields of ``meta`` that say otherwise than the entries it sums up, and how.

    A look is compiler, os, platform, target, version and variants as the page writes them; labels
    are the stacks of entries, with the number of entries that have just these.
    """
    if not isinstance(meta, dict):
        yield "", f"expected an object, found {shown(meta)}"
        return
    counts: dict[str, int] = {}
    for several, number in labels.items():
        for label in {*several}:
            counts[label] = counts.get(label, 0) + number
    compilers, oss, platforms, targets, versions = (
        map(set, islice(zip(*looks, strict=False), 5)) if looks else (set() for _ in range(5))
    )
    found = {
        "num_specs": entries,
        "num_specs_by_stack": counts,
        "stacks": {*counts},
        "versions": versions,
        "compilers": {*map(compiler_name, compilers)},
        "oss": oss,
        "platforms": platforms,
        "targets": targets,
    }
    for field, value in found.items():
        if field in meta and (said := _summary(field, meta[field], counts)) != value:
            yield f".{field}", contradiction(said, value)


def _summary(field: str, said: Any, counts: dict[str, int]) -> Any:
    """What meta says, in the form of what was found; anything of a wrong type as it stands."""
    if field == "num_specs_by_stack" and isinstance(said, dict):
        # Pages of 2022 count a root that their entries do not name.
        return {k: v for k, v in said.items() if v and (k != ROOT or k in counts)}
    if isinstance(said, list) and all(isinstance(item, str) for item in said):
        if field == "compilers":
            return set(map(compiler_name, said))
        return set(said) - ({ROOT} - counts.keys() if field == "stacks" else set())
    return said


def contradiction(said: Any, found: Any) -> str:
    """How what is said differs from what was found."""
    if isinstance(said, set):
        missing, extra = sorted(map(str, found - said)), sorted(map(str, said - found))
        parts = [f"names {', '.join(extra)}, which no spec has"] if extra else []
        parts += [f"lacks {', '.join(missing)}, which specs have"] if missing else []
        return "; ".join(parts)
    if isinstance(said, dict) and isinstance(found, dict):
        differ = sorted(k for k in {*said, *found} if said.get(k, 0) != found.get(k, 0))
        return "; ".join(f"says {said.get(k, 0)} for {k}, found {found.get(k, 0)}" for k in differ)
    return f"says {said!r}, spec_details holds {found!r}"


def kind_of(value: Any) -> str:
    """What a value is, in words for a message."""
    kinds = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")


def shown(value: Any) -> str:
    """A value and what it is, cut short for a message."""
    text = repr(value)
    return f"{kind_of(value)}: {text if len(text) <= _LONG else text[:_LONG] + '...'}"
