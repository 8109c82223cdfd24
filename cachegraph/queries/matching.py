"""The specs that what people type fits."""

from cachegraph.errors import NotFoundError
from cachegraph.graph import Members, SpecGraph
from cachegraph.queries.names import close_to, find_spec
from cachegraph.schema import OF_PACKAGE, PACKAGE


def matching(graph: SpecGraph, text: str) -> Members:
    """The specs that fit a spec in Spack's syntax: so far a package's name, or ``/HASH``."""
    package = graph.find(PACKAGE, text)
    if package is not None:
        return graph.into(OF_PACKAGE, package)
    if "/" in text:
        return frozenset({find_spec(graph, text)})
    close = close_to(text, graph.starting(PACKAGE))
    hint = f"did you mean {', '.join(close)}?" if close else "for a spec, give /HASH"
    raise NotFoundError(f"no package {text}", hint)
