"""cachegraph: a graph of which Spack stacks hold which concrete specs, to ask and to export.

>>> import cachegraph
>>> graph = cachegraph.open("graph.db")
>>> graph.overlap("e4s", "ml-linux-x86_64-cpu")["levels"]["version"]["shared"]
3
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cachegraph.answers import to_frame
    from cachegraph.api import Graph, open  # noqa: A004  # cachegraph.open() reads well
    from cachegraph.environment import default_store
    from cachegraph.errors import (
        AmbiguousHashError,
        CacheGraphError,
        FetchError,
        FormatError,
        NotFoundError,
        StoreError,
        UsageError,
        VersionError,
    )

__all__ = [
    "AmbiguousHashError",
    "CacheGraphError",
    "FetchError",
    "FormatError",
    "Graph",
    "NotFoundError",
    "StoreError",
    "UsageError",
    "VersionError",
    "__version__",
    "default_store",
    "open",
    "to_frame",
]

__version__ = "0.2.0.dev0"
_MODULES = {
    "Graph": "api",
    "default_store": "environment",
    "open": "api",
    "to_frame": "answers",
}


def __getattr__(name: str) -> Any:
    """Imports a name when it is first used: what the command imports, Ctrl-C may then interrupt."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value
