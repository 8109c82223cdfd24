"""The specs of a base as an environment: its ``spack.yaml`` and its ``spack.lock``."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from cachegraph.analysis.comparison.pins import pins_of
from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.selection.stacks import RUNTIME
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.model.spec import by_variant_name
from cachegraph.output.tables import counted
from cachegraph.sources.formats import Node
from cachegraph.spack_files.nodes import FORMAT, lock_nodes
from cachegraph.spack_files.texts import comment, pin_lines, pins_by_package, scalar, spec_text

LOCK_VERSION = 6
_PROPERTIES = ("hash", "package", "version", "variants", "target", "external", "prefix")


class Root(NamedTuple):
    """A root of the base: what is requested, and the spec that it is."""

    hash: str
    text: str


class BaseEnvironment:
    """The environment of the specs in an answer of ``base``.

    Its roots are the topmost specs, and what is below is pinned; or all specs with ``every_root``.
    UsageError if there are none.
    """

    def __init__(self, graph: SpecGraph, answer: Mapping[str, Any], *, every_root: bool) -> None:
        if not answer["base"]:
            hint = "ask of stacks that share specs, or with --unify best"
            raise UsageError("no spec is in several of the stacks: there is nothing to write", hint)
        self._answer = answer
        specs = [graph.find(SPEC, row["hash"]) for row in answer["base"]]
        # With pins, a spec stands for others: what it depends on need not be what the base has.
        everything = {*specs} if answer["pins"] else with_dependencies(graph, specs)
        self._nodes = lock_nodes(graph, everything)
        self._rows = [*_rows(graph, everything)]
        self._count = len(everything)
        self.pins = pins_by_package([row["pin"] for row in answer["pins"]])
        self._names = Counter(row["package"] for row in self._rows)
        self._pinned = _pinned_attributes(answer["pins"])
        topmost = {row["hash"] for row in answer["base"] if row["topmost"]}
        built = [row for row in self._rows if not row["external"] and row["package"] not in RUNTIME]
        roots = [
            row
            for row in built
            if every_root or row["hash"] in topmost or self._names[row["package"]] > 1
        ]
        self.roots = [Root(row["hash"], self._text(row)) for row in roots]
        """What the environment requests."""
        self._below = [row for row in built if row not in roots]

    def _text(self, row: Mapping[str, Any]) -> str:
        node = self._nodes.get(row["hash"]) or _as_node(row)
        return spec_text(node, self._pinned.get(row["package"], ()))

    @property
    def fault(self) -> str:
        """Why there is no lock file; empty if there is one."""
        if self._answer["pins"]:
            return "no spack.lock: with the pins, specs get hashes that only Spack can tell"
        unproved = [
            row["package"] or row["hash"] for row in self._rows if row["hash"] not in self._nodes
        ]
        if unproved:
            names = ", ".join(sorted({*unproved})[:3])
            what = f"of {counted(len(unproved), 'spec')}, such as {names}, the hash"
            return f"no spack.lock: {what} cannot be reproduced from what the store knows"
        return ""

    def lock(self) -> bytes:
        """The lock file."""
        names = {root.hash for root in self.roots}
        document = {
            "_meta": {
                "file-type": "spack-lockfile",
                "lockfile-version": LOCK_VERSION,
                "specfile-version": FORMAT,
            },
            "roots": [{"hash": root.hash, "spec": root.text} for root in self.roots],
            "concrete_specs": {
                hash_: self._nodes[hash_]
                for hash_ in sorted(self._nodes, key=lambda hash_: (hash_ not in names, hash_))
            },
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"

    def yaml(self) -> str:
        """The ``spack.yaml``."""
        return "".join(self._lines())

    def _lines(self) -> Iterator[str]:
        keys = [stack["key"] for stack in self._answer["stacks"]]
        as_in = f", as {self._answer['unified']} has them" if "unified" in self._answer else ""
        yield comment(f"{counted(self._count, 'spec')} that several stacks can build once{as_in}.")
        yield comment(f"The stacks are {', '.join(keys)}.")
        yield comment(
            self.fault or "Each hash in spack.lock is proved: spack install builds these."
        )
        yield "spack:\n  view: false\n  packages:\n"
        targets = {row["target"] for row in self._rows if row["target"]}
        if len(targets) == 1:
            yield f"    all:\n      require:\n      - {scalar(f'target={targets.pop()}')}\n"
        yield from self._package_lines()
        unify = "true" if max(self._names.values()) == 1 else "false"
        yield f"  concretizer:\n    unify: {unify}\n    reuse: false\n  specs:\n"
        for root in self.roots:
            yield f"  - {scalar(root.text)}\n"

    def _package_lines(self) -> Iterator[str]:
        for row in self._rows:
            if row["external"]:
                what = f"{row['package']}@={row['version']} in {row['prefix']}"
                yield comment(f"An external, to be configured: {what}", "    ")
        pins = {name: [*texts] for name, texts in self.pins.items()}
        for row in self._below:
            name = row["package"]
            pins.setdefault(name, []).insert(0, self._text(row).removeprefix(name))
        if self._below:
            yield comment("What the roots need, as it is in spack.lock:", "    ")
        yield pin_lines(
            {name: [*map(str.strip, some)] for name, some in sorted(pins.items())}, "    "
        )


def _rows(graph: SpecGraph, specs: Iterable[Handle]) -> list[dict[str, Any]]:
    """The known properties of specs, by package, version and hash."""
    found = (
        dict(zip(_PROPERTIES, row, strict=True)) for row in graph.values(SPEC, specs, _PROPERTIES)
    )
    return sorted(found, key=lambda row: (row["package"] or "", row["version"] or "", row["hash"]))


def _as_node(row: Mapping[str, Any]) -> Node:
    """The name, version and variants of a spec of which no node is known; lists by their commas."""
    parameters: dict[str, Any] = {}
    for name, text in by_variant_name(row["variants"]).items():
        value = text.partition("=")[2]
        listed: Any = value.split(",") if "," in value else value
        parameters[name] = listed if "=" in text else text[0] == "+"
    return {"name": row["package"], "version": row["version"], "parameters": parameters}


def _pinned_attributes(pins: Sequence[Mapping[str, Any]]) -> Mapping[str, set[str]]:
    """The attributes of packages that pins decide."""
    found: dict[str, set[str]] = {}
    for row in pins:
        for pin in pins_of(row["pin"]):
            if pin.package is not None:
                found.setdefault(pin.package, set()).add(pin.attribute)
    return found
