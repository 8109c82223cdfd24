"""Writes a base and what the environments of its stacks need to take builds of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cachegraph.exports.files import atomic_folder
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import ROOT_OF, STACK
from cachegraph.model.stack_key import StackKey
from cachegraph.output.base_tables import because
from cachegraph.output.tables import counted
from cachegraph.spack_files.base import BaseEnvironment
from cachegraph.spack_files.texts import comment, pin_lines, scalar

_BASE = "base"
_ADDITIONS = "additions.yaml"


def write_base(
    graph: SpecGraph, answer: Mapping[str, Any], folder: Path, *, every_root: bool = False
) -> list[str]:
    """Writes a base as an environment, and for each stack the lines to add to its ``spack.yaml``.

    ``base/spack.yaml``, ``base/spack.lock``, ``STACK/additions.yaml``, and ``groups.yaml``, which
    has all in one environment. Returns notes on what could not be written. The folder appears only
    when it is complete; StoreError if there is one that is not empty.
    """
    base = BaseEnvironment(graph, answer, every_root=every_root)
    names = _folder_names([stack["key"] for stack in answer["stacks"]])
    with atomic_folder(folder) as part:
        _write(part / _BASE / "spack.yaml", base.yaml().encode())
        if not base.fault:
            _write(part / _BASE / "spack.lock", base.lock())
        for stack in answer["stacks"]:
            lines = "".join(_additions(answer, stack, base))
            _write(part / names[stack["key"]] / _ADDITIONS, lines.encode())
        _write(part / "groups.yaml", "".join(_groups(graph, names, base)).encode())
    return [base.fault] if base.fault else []


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def _folder_names(keys: Sequence[str]) -> dict[str, str]:
    """A name for the folder of each stack: that of the stack, or its key if several have it."""
    plain = [StackKey.parse(key).name for key in keys]
    found: dict[str, str] = {}
    for key, name in zip(keys, plain, strict=True):
        text = name if plain.count(name) == 1 else key
        text = re.sub(r"[^\w.+-]", "-", text).lstrip(".") or "stack"
        while text.lower() in {_BASE, "groups.yaml", *map(str.lower, found.values())}:
            text += "-"
        found[key] = text
    return found


def _additions(
    answer: Mapping[str, Any], stack: Mapping[str, Any], base: BaseEnvironment
) -> Iterator[str]:
    """The lines to add to the ``spack.yaml`` of a stack."""
    yield comment(f"Add these lines to the spack.yaml of {stack['key']}, and concretize it again.")
    yield comment(
        f"Of its {counted(stack['specs'], 'spec')} {stack['taken']} become those of the base."
    )
    for row in answer["refused"]:
        if row["stack"] == stack["key"]:
            yield comment(
                f"It keeps {row.get('package', '?')}@={row.get('version', '?')}: {because(row)}"
            )
    yield "spack:\n"
    if base.pins:
        yield "  packages:\n" + comment("Pins that the base has, too", "    ")
        yield pin_lines(base.pins, "    ")
    yield comment("The concrete specs of the base, so that they can be reused", "  ")
    yield f"  include:\n  - ../{_BASE}/spack.lock\n  concretizer:\n"
    yield comment("Takes builds of the base where they fit, and builds the rest", "    ")
    yield f"    reuse:\n      from:\n      - type: environment\n        path: ../{_BASE}\n"


def _groups(graph: SpecGraph, names: Mapping[str, str], base: BaseEnvironment) -> Iterator[str]:
    """The base and the roots of all stacks as groups of one environment."""
    yield comment("The same in one environment, instead of one for each stack: the group base is")
    yield comment("concretized first, and the groups that need it reuse its builds.")
    yield "spack:\n  view: false\n"
    if base.pins:
        yield f"  packages:\n{pin_lines(base.pins, '    ')}"
    yield f"  specs:\n  - group: {_BASE}\n    specs:\n"
    for root in base.roots:
        yield f"    - {scalar(root.text)}\n"
    for key, name in names.items():
        requests = _requests(graph, key)
        if not requests:
            yield comment(f"{key}: no requests are recorded", "  ")
            continue
        yield f"  - group: {scalar(name)}\n    needs: [{_BASE}]\n    specs:\n"
        for text in requests:
            yield f"    - {scalar(text)}\n"


def _requests(graph: SpecGraph, key: str) -> list[str]:
    """What the environment of a stack requests."""
    stack = graph.find(STACK, key)
    found: set[str] = set()
    if stack is not None:
        for (requests, _), _ in graph.starts_by_properties(ROOT_OF, stack):
            found.update(requests or ())
    return sorted(found)
