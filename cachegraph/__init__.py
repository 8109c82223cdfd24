"""cachegraph: a graph of which Spack stacks hold which concrete specs, to ask and to export.

>>> import cachegraph
>>> graph = cachegraph.open("graph.db")
>>> graph.overlap("e4s", "ml-linux-x86_64-cpu")["levels"]["version"]["shared"]
3
"""

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
]

__version__ = "0.2.0.dev0"
