"""Nodes by what people type: packages, releases, specs by the beginning of a hash; and hints."""

from collections.abc import Iterable, Sequence

from cachegraph.analysis.rows import spec_rows
from cachegraph.errors import AmbiguousHashError, NotFoundError
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import OF_RELEASE, PACKAGE, RELEASE, SPEC, STACK
from cachegraph.model.stack_key import StackKey

_CANDIDATES = 10
_NAMED = 5
_LEAST_SHOWN = 7


def stacks_like(
    graph: SpecGraph, name: str, release: str | None, groups: Sequence[str] = ()
) -> str:
    """A hint with stacks that may be meant, or ``groups``, by their keys if they were stacks."""
    same_name = [key for key in graph.keys(STACK) if StackKey.parse(key).name == name]
    stacks = _as_written(name, graph.keys(STACK, f"{release}/" if release else ""))
    close = same_name or close_to(name, [*stacks, *_as_written(name, groups)])
    if close and close[0] in stacks:
        close = close_to(name, stacks)
    return _did_you_mean(close) or "list them: cachegraph stacks"


def _as_written(name: str, keys: Sequence[str]) -> Sequence[str]:
    """The keys if the name has a release, else their bare names."""
    return keys if "/" in name else [*dict.fromkeys(StackKey.parse(key).name for key in keys)]


def _did_you_mean(close: Sequence[str]) -> str | None:
    return f"did you mean {', '.join(close)}?" if close else None


def stacks_of_release(graph: SpecGraph, release: str | None) -> list[tuple[str, Handle]]:
    """The keys and nodes of the stacks of one release or of all, sorted."""
    if release is None:
        stacks = [*graph.nodes(STACK)]
    else:
        node = graph.find(RELEASE, release)
        stacks = [] if node is None else [*graph.starts_of(OF_RELEASE, node)]
    keys = graph.values(STACK, stacks, (STACK.key.name,))
    return sorted(zip((key for (key,) in keys), stacks, strict=True))


def check_release(graph: SpecGraph, release: str) -> None:
    """Raises NotFoundError unless the graph has the release."""
    if graph.find(RELEASE, release) is None:
        hint = _did_you_mean(close_to(release, graph.keys(RELEASE)))
        raise NotFoundError(f"no release {release}", hint or "list them: cachegraph releases")


def check_package(graph: SpecGraph, name: str) -> Handle:
    """The package of that name; NotFoundError without one."""
    package = graph.find(PACKAGE, name)
    if package is None:
        raise no_package(graph, name)
    return package


def no_package(
    graph: SpecGraph, name: str, hint: str | None = None, others: Iterable[str] = ()
) -> NotFoundError:
    """The error for an unknown package: it suggests close packages or others, else ``hint``."""
    close = close_to(name, [*graph.keys(PACKAGE), *others])
    return NotFoundError(f"no package {name}", _did_you_mean(close) or hint)


def first_few(names: Sequence[str]) -> str:
    """The first few names, and how many more there are: ``a, b, c, d, e and 3 more``."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def close_to(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names of which the name may be a misspelling, the closest first."""
    from difflib import get_close_matches

    by_folded = {other.casefold(): other for other in known}
    close = get_close_matches(name.casefold(), by_folded, cutoff=0.5)
    return [by_folded[other] for other in close]


def find_spec(graph: SpecGraph, text: str) -> Handle:
    """The spec by the beginning of its hash: ``/abc1234``, ``abc1234`` or ``zlib/abc1234``.

    NotFoundError without one; AmbiguousHashError lists the candidates when there are several.
    """
    package, _, prefix = text.rpartition("/")
    prefix = prefix.lower()
    keys = graph.keys(SPEC, prefix) if prefix else []
    found = [graph.find(SPEC, key) for key in (keys if package else keys[:_CANDIDATES])]
    if package:
        owners = graph.values(SPEC, found, ("package",))
        found = [spec for spec, (owner,) in zip(found, owners, strict=True) if owner == package]
    if len(found) == 1:
        return found[0]
    if not found:
        hint = "a hash has 32 characters of a-z2-7; a prefix will do"
        raise NotFoundError(f"no spec {text}", hint)
    count = len(found) if package else len(keys)
    length = max(_LEAST_SHOWN, len(prefix) + 2)
    shown = [
        f"/{row['hash'][:length]} {row.get('package', '?')}@{row.get('version', '?')}"
        for row in spec_rows(graph, found[:_CANDIDATES])
    ]
    if count > len(shown):
        shown.append(f"and {count - len(shown)} more")
    raise AmbiguousHashError(
        f"{text} fits {count} specs: {', '.join(shown)}", "give more of the hash"
    )
