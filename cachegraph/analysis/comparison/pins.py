"""Pins: attributes that all specs of a package are to agree in, as people write them."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cachegraph.errors import UsageError
from cachegraph.syntax import ANY, Flag, Pattern, Variant, is_name_pattern, parse

_EXAMPLE = "such as 'zlib-ng ~new_strategies', 'python@3.11', '%gcc@12', '^mpi=openmpi'"
PINNABLE = ("version", "variant", "flag", "compiler", "os", "target", "provider")
"""The kinds of differences that a pin can take away."""
_NOT_CHOSEN = ("dev_path", "features", "patches")


class Pin(NamedTuple):
    """One attribute that all specs of a package agree in; without a package, all specs."""

    package: str | None
    kind: str
    attribute: str
    """The name of a variant or flag, the virtual of a provider; of other kinds the property."""
    text: str
    """The pin as it was written."""

    def accepts(self) -> Callable[[str | None], bool]:
        """The test of a value of the attribute, as specs have it, for being one that is pinned."""
        try:
            accepts = value_test(parse(self.text), self.kind, self.attribute)
        except UsageError:  # values that specs have, but the syntax does not
            accepts = None
        package, kind, attribute, text = self
        return accepts or (
            lambda value: text == pin_for(package or "", kind, attribute, value or "").text
        )


def value_test(pattern: Pattern, kind: str, attribute: str) -> Callable[[str | None], bool] | None:
    """The test that a pattern has for values of an attribute; None if it has none.

    Values are those that specs have; of a provider, the name of its package.
    """
    if kind in ("variant", "flag"):
        every: tuple[Variant | Flag, ...] = (*pattern.variants, *pattern.flags)
        some = [one for one in every if one.name == attribute]
        return (lambda value: some[0].fits([value] if value else ())) if some else None
    if kind == "provider":
        needs = [one for one in pattern.dependencies if attribute in one.virtuals]
        return (lambda value: needs[0].fits_name(value or "")) if needs else None
    if kind == "compiler":
        direct = pattern.direct
        return (lambda value: any(one.is_compiler(value) for one in direct)) if direct else None
    return pattern.conditions().get(attribute)


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


def is_pinnable(kind: str, attribute: str) -> bool:
    """Whether a pin can take away a difference; patches, for one, follow from other choices."""
    return kind in PINNABLE and attribute not in _NOT_CHOSEN


def pin_for(package: str, kind: str, attribute: str, value: str, known: Iterable[str] = ()) -> Pin:
    """The pin that takes a cause away by giving all specs the value.

    Where a value of those that are known has several parts, no others may be added to the pinned
    ones: ``:=``.
    """
    if kind == "variant" and any("," in one for one in (value, *known)):
        value = value.replace("=", ":=", 1)
    texts = {
        "version": f"{package}@={value}",
        "compiler": f"{package} %{value}",
        "provider": f"^{attribute}={value}",
        "flag": f'{package} {attribute}="{value.partition("=")[2]}"',
        "variant": f"{package} {value}",
    }
    text = texts.get(kind, f"{package} {attribute}={value}")
    return Pin(None if kind == "provider" else package, kind, attribute, text)


def requirements(text: str) -> dict[str, list[str]]:
    """What Spack is to require for a pin, by the name of a package, a virtual, or ``all``."""
    pattern = parse(text)
    own = text.partition("^")[0] if pattern.dependencies else text
    own = own.strip().removeprefix(pattern.name or "").strip()
    found = {pattern.name or "all": [own]} if own else {}
    for needs in pattern.dependencies:
        for virtual in needs.virtuals:
            found.setdefault(virtual, []).append(needs.pattern.text)
    return found
