"""Nodes by what people type: packages, releases, specs by the beginning of a hash; and hints."""

from collections.abc import Iterable, Sequence

from cachegraph.analysis.rows import spec_rows
from cachegraph.errors import AmbiguousHashError, NotFoundError
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import OF_PACKAGE, OF_RELEASE, PACKAGE, RELEASE, SPEC, STACK
from cachegraph.model.stack_key import StackKey

_CANDIDATES = 10
_NAMED = 5
_CLOSE = 3
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
    return did_you_mean(close) or "list them: cachegraph stacks"


def _as_written(name: str, keys: Sequence[str]) -> Sequence[str]:
    """The keys if the name has a release, else their bare names."""
    return keys if "/" in name else [*dict.fromkeys(StackKey.parse(key).name for key in keys)]


def did_you_mean(close: Sequence[str]) -> str | None:
    """A hint with close names; None without any."""
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
        hint = did_you_mean(close_to(release, graph.keys(RELEASE)))
        raise NotFoundError(f"no release {release}", hint or "list them: cachegraph releases")


def check_package(graph: SpecGraph, name: str) -> Handle:
    """The package of that name; NotFoundError without one."""
    package = graph.find(PACKAGE, name)
    if package is None:
        raise NotFoundError(f"no package {name}", did_you_mean(close_to(name, graph.keys(PACKAGE))))
    return package


def first_few(names: Sequence[str]) -> str:
    """The first few names, and how many more there are: ``a, b, c, d, e and 3 more``."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def close_to(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names of which the name may be a misspelling, the closest first."""
    from difflib import get_close_matches

    by_folded = {other.casefold(): other for other in known}
    close = get_close_matches(name.casefold(), by_folded, n=_CLOSE, cutoff=0.5)
    return [by_folded[other] for other in close]


def beginning_with(text: str, known: Iterable[str]) -> list[str]:
    """The first few known names that begin with a text, which may be too short to be close."""
    return sorted(name for name in known if text and name.startswith(text))[:_CLOSE]


def find_spec(graph: SpecGraph, text: str) -> Handle:
    """The spec by the beginning of its hash: ``/abc1234``, ``abc1234`` or ``zlib/abc1234``.

    NotFoundError without one; AmbiguousHashError lists the candidates when there are several.
    """
    package, _, prefix = text.rpartition("/")
    among = graph.starts_of(OF_PACKAGE, check_package(graph, package)) if package else None
    return spec_with_hash(graph, text, prefix.lower(), among)


def spec_with_hash(
    graph: SpecGraph, text: str, prefix: str, among: Members | None = None
) -> Handle:
    """The spec whose hash begins with the prefix, of these specs or of all; ``text`` is for errors.

    NotFoundError without one; AmbiguousHashError lists the candidates when there are several.
    """
    keys = graph.keys(SPEC, prefix) if prefix else []
    found = [graph.find(SPEC, key) for key in (keys[:_CANDIDATES] if among is None else keys)]
    if among is not None:
        found = [spec for spec in found if spec in among]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFoundError(f"no spec {text}", _hint_on_hashes(graph, text))
    count = len(keys) if among is None else len(found)
    length = max(_LEAST_SHOWN, len(prefix) + 2)
    raise several_fit(graph, text, found, count, "give more of the hash", length)


def several_fit(
    graph: SpecGraph,
    text: str,
    found: Iterable[Handle],
    count: int,
    hint: str,
    length: int = _LEAST_SHOWN,
) -> AmbiguousHashError:
    """The error of a text that fits several specs: lists the first few, with such long hashes."""
    shown = [
        f"/{row['hash'][:length]} {row.get('package', '?')}@{row.get('version', '?')}"
        for row in spec_rows(graph, found)[:_CANDIDATES]
    ]
    if count > len(shown):
        shown.append(f"and {count - len(shown)} more")
    return AmbiguousHashError(f"{text} fits {count} specs: {', '.join(shown)}", hint)


def _hint_on_hashes(graph: SpecGraph, text: str) -> str:
    if graph.find(PACKAGE, text) is not None:
        return f"{text} is a package: give a hash, as cachegraph find {text} lists them"
    return "a hash has 32 characters of a-z2-7; a prefix will do"
