"""Reads YAML from others safely: limited in depth, and without aliases."""

from functools import cache
from typing import Any

from cachegraph.errors import FormatError
from cachegraph.sources import Document

_MAX_DEPTH = 20


def load_yaml(
    document: Document, text: bytes, *, first_line: int = 1, keep_numbers: bool = False
) -> Any:
    """The value of a YAML text in a document, where it begins at ``first_line``.

    With ``keep_numbers`` decimals and dates stay text, as versions must. FormatError if it is not
    YAML, nests deeper than any page does, or has aliases.
    """
    import yaml

    try:
        return _load(text.decode(), _loader(keep_numbers))
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f"line {mark.line + first_line}, column {mark.column + 1}: " if mark else ""
        problem = getattr(exc, "problem", None) or exc
        raise FormatError(f"{document.location}: {place}not YAML: {problem}") from exc


def _load(text: str, loader: Any) -> Any:
    """PyYAML's fast loader crashes on deep nesting, and aliases make a small text very large."""
    import yaml

    depth = 0
    for event in yaml.parse(text, loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise ValueError("an alias")
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
    return yaml.load(text, loader)


@cache
def _loader(keep_numbers: bool) -> Any:
    import yaml

    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if not keep_numbers:
        return safe
    kept = {"tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"}
    loader: Any = type("TextLoader", (safe,), {"yaml_implicit_resolvers": {}})
    for first, resolvers in safe.yaml_implicit_resolvers.items():
        loader.yaml_implicit_resolvers[first] = [r for r in resolvers if r[0] not in kept]
    return loader
