"""What people type becomes nodes: stacks by bare name, specs by a prefix of their hash."""

from collections.abc import Iterable, Sequence

from cachegraph.analysis.rows import spec_rows
from cachegraph.errors import AmbiguousHashError, NotFoundError
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import PACKAGE, RELEASE, SPEC, STACK
from cachegraph.model.stack_key import StackKey

_CANDIDATES = 10
_NAMED = 5


def stacks_like(
    graph: SpecGraph, name: str, release: str | None, groups: Sequence[str] = ()
) -> str:
    """A hint at the stacks that may be meant; and if one is closer, at groups of some, by keys."""
    same = [key for key in graph.keys(STACK) if StackKey.parse(key).name == name]
    stacks, parts = (
        keys if "/" in name else [*dict.fromkeys(StackKey.parse(key).name for key in keys)]
        for keys in (graph.keys(STACK, f"{release}/" if release else ""), groups)
    )
    close = same or close_to(name, [*stacks, *parts])
    if close and close[0] in stacks:
        close = close_to(name, stacks)
    return f"did you mean {', '.join(close)}?" if close else "list them: cachegraph stacks"


def check_release(graph: SpecGraph, release: str) -> None:
    """NotFoundError unless the graph has the release."""
    if graph.find(RELEASE, release) is None:
        close = close_to(release, graph.keys(RELEASE))
        hint = f"did you mean {', '.join(close)}?" if close else "list them: cachegraph releases"
        raise NotFoundError(f"no release {release}", hint)


def check_package(graph: SpecGraph, name: str) -> Handle:
    """The package with this name; NotFoundError unless the graph has it."""
    package = graph.find(PACKAGE, name)
    if package is None:
        raise no_package(graph, name)
    return package


def no_package(
    graph: SpecGraph, name: str, hint: str | None = None, others: Iterable[str] = ()
) -> NotFoundError:
    """What says that there is no such package, and which one may be meant; else the hint."""
    close = close_to(name, [*graph.keys(PACKAGE), *others])
    return NotFoundError(
        f"no package {name}", f"did you mean {', '.join(close)}?" if close else hint
    )


def first_few(names: Sequence[str]) -> str:
    """The first few of the names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def close_to(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that the name may be a misspelling of, the closest first."""
    from difflib import get_close_matches

    by_folded = {other.casefold(): other for other in known}
    found = get_close_matches(name.casefold(), by_folded, cutoff=0.5)
    return [by_folded[other] for other in found]


def find_spec(graph: SpecGraph, text: str) -> Handle:
    """The spec whose hash begins as the text does: ``/abc1234``, ``abc1234``, ``zlib/abc1234``.

    AmbiguousHashError lists the candidates when there are several.
    """
    package, _, prefix = text.rpartition("/")
    prefix = prefix.lower()
    keys = graph.keys(SPEC, prefix) if prefix else []
    found = [graph.find(SPEC, key) for key in (keys if package else keys[:_CANDIDATES])]
    if package:
        owners = graph.values(SPEC, found, ("package",))
        found = [spec for spec, (owner,) in zip(found, owners, strict=True) if owner == package]
    if not found:
        raise NotFoundError(
            f"no spec {text}", "a hash has 32 characters of a-z2-7; a prefix will do"
        )
    if len(found) > 1:
        length = max(7, len(prefix) + 2)
        shown = [
            f"/{row['hash'][:length]} {row.get('package', '?')}@{row.get('version', '?')}"
            for row in spec_rows(graph, found[:_CANDIDATES])
        ]
        count = len(found) if package else len(keys)
        more = [f"and {count - len(shown)} more"] if count > len(shown) else []
        raise AmbiguousHashError(
            f"{text} fits {count} specs: {', '.join([*shown, *more])}", "give more of the hash"
        )
    return found[0]
