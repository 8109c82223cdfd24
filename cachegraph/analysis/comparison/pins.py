"""Pins: attributes that all specs of a package are to agree in, as people write them."""

from typing import NamedTuple

from cachegraph.errors import UsageError
from cachegraph.syntax import ANY, is_name_pattern, parse

_EXAMPLE = "such as 'zlib-ng ~new_strategies', 'python@3.11', '%gcc@12', '^mpi=openmpi'"
PINNABLE = ("version", "variant", "flag", "compiler", "os", "target", "provider")
"""The kinds of differences that a pin can take away."""


class Pin(NamedTuple):
    """One attribute that all specs of a package agree in; without a package, all specs."""

    package: str | None
    kind: str
    attribute: str
    """The name of a variant or flag, the virtual of a provider; of other kinds the property."""
    text: str
    """The pin as it was written."""


def pins_of(text: str) -> list[Pin]:
    """The pins in a text, one for each attribute; UsageError names what cannot be pinned."""
    pattern = parse(text)
    refused = {
        "a hash": pattern.hash,
        "a namespace": pattern.namespace,
        "a dependency without its virtual": [n for n in pattern.dependencies if not n.virtuals],
        "a pattern of names": pattern.name is not None and is_name_pattern(pattern.name),
        "a value of any kind": [v for v in pattern.variants if v.value == (ANY,)]
        or ANY in (pattern.platform, pattern.os, pattern.target and pattern.target.text),
    }
    for part, present in refused.items():
        if present:
            raise UsageError(f"{text}: {part} cannot be pinned", f"pins are {_EXAMPLE}")
    attributes = [("variant", variant.name) for variant in pattern.variants]
    attributes += [("flag", flag.name) for flag in pattern.flags]
    attributes += [("os", "platform")] * (pattern.platform is not None)
    attributes += [("os", "os")] * (pattern.os is not None)
    attributes += [("target", "target")] * (pattern.target is not None)
    attributes += [("version", "version")] * (pattern.versions is not None)
    attributes += [("compiler", "compiler")] * bool(pattern.direct)
    for needs in pattern.dependencies:
        attributes += [("provider", virtual) for virtual in needs.virtuals]
    if not attributes:
        raise UsageError(f"{text}: no attribute to pin", f"name a package and one, {_EXAMPLE}")
    if pattern.name is None and {"version", "variant", "flag"} & {kind for kind, _ in attributes}:
        raise UsageError(f"{text}: of which package?", f"name it before the attribute, {_EXAMPLE}")
    return [Pin(pattern.name, kind, attribute, text) for kind, attribute in attributes]


def pin_for(package: str, kind: str, attribute: str, value: str) -> Pin:
    """The pin that takes a cause away by giving all specs the value."""
    texts = {
        "version": f"{package}@={value}",
        "compiler": f"{package} %{value}",
        "provider": f"^{attribute}={value}",
        "flag": f'{package} {attribute}="{value.partition("=")[2]}"',
        "variant": f"{package} {value}",
    }
    text = texts.get(kind, f"{package} {attribute}={value}")
    return Pin(None if kind == "provider" else package, kind, attribute, text)
