"""YAML that others wrote: bounded in depth, without aliases, and numbers with points as text."""

from functools import cache
from typing import Any

_DEEPEST = 20


def load_yaml(text: str, *, versions: bool = False) -> Any:
    """The value of a YAML text; a ValueError when it nests deeper than any page, or has aliases.

    PyYAML's fast loader crashes on the one, and the other can make a small text very large. With
    ``versions`` what looks like a number with a point or a date stays text.
    """
    import yaml

    loader = _loader(versions)
    depth = 0
    for event in yaml.parse(text, loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise ValueError("an alias")
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
    return yaml.load(text, loader)


@cache
def _loader(versions: bool) -> Any:
    import yaml

    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if not versions:
        return safe
    kept = {"tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"}
    loader: Any = type("VersionLoader", (safe,), {})
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in several if tag not in kept]
        for first, several in safe.yaml_implicit_resolvers.items()
    }
    return loader
