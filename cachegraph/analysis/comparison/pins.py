"""Pins: attributes that all specs of a package are to have, as people write them."""

from typing import NamedTuple

from cachegraph.errors import UsageError
from cachegraph.syntax import parse
from cachegraph.syntax.pattern import Pattern

_EXAMPLE = "such as 'zlib-ng ~new_strategies', 'python@3.11', '%gcc@12', '^mpi=openmpi'"
PINNABLE = ("version", "variant", "flag", "compiler", "os", "target", "provider")
"""The kinds of differences that a pin can take away."""


class Pin(NamedTuple):
    """One attribute that is the same for all specs of a package, or of all packages."""

    package: str | None
    kind: str
    attribute: str
    """Of a variant or flag its name, of a provider the virtual; else as the kind."""
    text: str


def pins_of(text: str) -> list[Pin]:
    """The pins in a text; UsageError on what cannot be pinned, by name."""
    pattern = parse(text)
    _refuse(pattern, text)
    found = [("variant", variant.name) for variant in pattern.variants]
    found += [("flag", flag.name) for flag in pattern.flags]
    found += [("os", name) for name in ("platform", "os") if getattr(pattern, name) is not None]
    found += [("target", "target")] * (pattern.target is not None)
    found += [("version", "version")] * (pattern.versions is not None)
    found += [("compiler", "compiler")] * bool(pattern.direct)
    found += [("provider", v) for needs in pattern.dependencies for v in needs.virtuals]
    if not found:
        raise UsageError(f"{text}: no attribute to pin", f"name a package and one, {_EXAMPLE}")
    if pattern.name is None and any(kind in ("version", "variant", "flag") for kind, _ in found):
        raise UsageError(f"{text}: of which package?", f"name it before the attribute, {_EXAMPLE}")
    return [Pin(pattern.name, *one, text) for one in found]


def _refuse(pattern: Pattern, text: str) -> None:
    refused = {
        "a hash": pattern.hash,
        "a namespace": pattern.namespace,
        "a dependency without its virtual": [n for n in pattern.dependencies if not n.virtuals],
        "a value of any kind": [v for v in pattern.variants if v.value == ("*",)],
    }
    for what, given in refused.items():
        if given:
            raise UsageError(f"{text}: {what} is nothing to pin", f"pins are {_EXAMPLE}")


def pin_for(package: str, kind: str, attribute: str, value: str) -> Pin:
    """The pin that would take a cause away by giving all the value."""
    texts = {
        "version": f"{package}@={value}",
        "compiler": f"{package} %{value}",
        "provider": f"^{attribute}={value}",
        "flag": f'{package} {attribute}="{value.partition("=")[2]}"',
        "variant": f"{package} {value}",
    }
    text = texts.get(kind, f"{package} {attribute}={value}")
    return Pin(None if kind == "provider" else package, kind, attribute, text)
