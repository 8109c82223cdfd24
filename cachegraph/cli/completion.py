"""Completes the names of a store in a shell; never prints an error."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase

import click
from click.shell_completion import BashComplete, add_completion_class
from click.shell_completion import CompletionItem as Item

from cachegraph.api import Graph
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import OF_PACKAGE, PACKAGE, SPEC, STACK, NodeType
from cachegraph.model.stack_key import StackKey

_HASH_LENGTH = 7
_MOST_READ = 200
# Of other names a shell would obey a part, or take it for an option.
_is_plain = re.compile(r"(?!-)[\w@%+=:,./^~-]+").fullmatch
_split_spec = re.compile(r"((?:.*[\^%])?)([^\^%/@]*)(/?)(.*)").fullmatch
_REPLY = "COMPREPLY+=($value)"


class NoSpaceAfterSlash(BashComplete):
    """Completion in bash, where what ends in a slash may go on."""

    source_template = BashComplete.source_template.replace(
        _REPLY, f"{_REPLY}\n            [[ $value == */ ]] && compopt -o nospace"
    )


add_completion_class(NoSpaceAfterSlash)


def names(labels: Sequence[NodeType], store: str, ctx: click.Context, typed: str) -> list[Item]:
    """The names of nodes with these labels that may go on where something was typed.

    A spec is completed by its package, or after a slash by its hash; a stack by its name, or by
    its release and a slash; where ``--release`` was given before, only those of that release.
    """
    found: list[Item] = []
    # A shell would show an error in the midst of the line that is typed.
    with suppress(Exception), Graph(store) as graph:
        for label in labels:
            found += _OFFERS.get(label, _keys)(graph.store, label, ctx, typed)
    return [*{item.value: item for item in found if _is_plain(item.value)}.values()]


def _keys(graph: SpecGraph, label: NodeType, _: click.Context, typed: str) -> Iterator[Item]:
    return map(Item, graph.keys(label, typed))


def _stacks(graph: SpecGraph, _: NodeType, ctx: click.Context, typed: str) -> Iterator[Item]:
    """Keys after a slash; before it names, and the releases with a slash if none was given."""
    given = ctx.params.get("release") or ()
    releases = [given] if isinstance(given, str) else given
    keys = [StackKey.parse(key) for key in graph.keys(STACK)]
    if releases:
        keys = [key for key in keys if any(fnmatchcase(key.release, name) for name in releases)]
    found = [*map(str, keys)] if "/" in typed else sorted({key.name for key in keys})
    if not releases:
        found += sorted({f"{key.release}/" for key in keys} - {typed})
    return (Item(name) for name in found if name.startswith(typed))


def _specs(graph: SpecGraph, _: NodeType, __: click.Context, typed: str) -> Iterator[Item]:
    """Packages, also after ``^`` or ``%``; after a slash and a character the hashes that fit."""
    parts = _split_spec(typed)
    head, name, slash, prefix = parts.groups() if parts else ("", "", "", "")
    if not slash:
        yield from (Item(head + key) for key in graph.keys(PACKAGE, name + prefix))
    elif prefix:
        found = _of_package(graph, name, prefix) if name else _with_hash(graph, prefix)
        hashes = sorted(found)
        shown = _beginnings(hashes, max(_HASH_LENGTH, len(prefix)))
        for hash_, beginning in zip(hashes, shown, strict=True):
            yield Item(f"{head}{name}/{beginning}", help=found[hash_])


def _of_package(graph: SpecGraph, name: str, prefix: str) -> dict[str, str | None]:
    """The hashes of a package that begin so, each with what it is of."""
    package = graph.find(PACKAGE, name)
    specs = () if package is None else graph.starts_of(OF_PACKAGE, package)
    values = graph.values(SPEC, specs, ("hash", "version"))
    return {hash_: f"{name}@{version}" for hash_, version in values if hash_.startswith(prefix)}


def _with_hash(graph: SpecGraph, prefix: str) -> dict[str, str | None]:
    """The hashes that begin so, each with what it is of, if they are not too many to be read."""
    hashes = graph.keys(SPEC, prefix)
    if len(hashes) > _MOST_READ:
        return dict.fromkeys(hashes)
    specs = [graph.find(SPEC, hash_) for hash_ in hashes]
    values = graph.values(SPEC, specs, ("package", "version"))
    return {hash_: "@".join(filter(None, some)) for hash_, some in zip(hashes, values, strict=True)}


def _beginnings(hashes: Sequence[str], length: int) -> list[str]:
    """Of each of these sorted hashes so much, or all where the next begins in the same way."""
    cut = [hash_[:length] for hash_ in hashes]
    times = Counter(cut)
    return [c if times[c] == 1 else h for c, h in zip(cut, hashes, strict=True)]


_OFFERS = {SPEC: _specs, STACK: _stacks}
