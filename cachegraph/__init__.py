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
    from cachegraph.importing.inventory import InfoAnswer
    from cachegraph.importing.removing import RemoveAnswer
    from cachegraph.importing.summary import ImportSummary
    from cachegraph.neo4j.adhoc import QueryAnswer
    from cachegraph.neo4j.load import LoadAnswer
    from cachegraph.questions.affected import AffectedAnswer
    from cachegraph.questions.base import BaseAnswer
    from cachegraph.questions.blame import BlameAnswer
    from cachegraph.questions.coverage import CoverageAnswer
    from cachegraph.questions.dependencies import DependenciesAnswer
    from cachegraph.questions.diff import DiffAnswer
    from cachegraph.questions.duplicates import DuplicatesAnswer
    from cachegraph.questions.find import FindAnswer
    from cachegraph.questions.history import HistoryAnswer
    from cachegraph.questions.impact import ImpactAnswer
    from cachegraph.questions.matrix import MatrixAnswer
    from cachegraph.questions.overlap import OverlapAnswer
    from cachegraph.questions.prune import PruneAnswer
    from cachegraph.questions.releases import ReleasesAnswer
    from cachegraph.questions.shared import SharedAnswer
    from cachegraph.questions.show import ShowAnswer
    from cachegraph.questions.stacks import StacksAnswer
    from cachegraph.questions.stats import StatsAnswer
    from cachegraph.questions.unique import UniqueAnswer
    from cachegraph.questions.verify import VerifyAnswer
    from cachegraph.questions.want import WantAnswer
    from cachegraph.questions.whatif import WhatIfAnswer
    from cachegraph.questions.why import WhyAnswer
    from cachegraph.stores.file.upgrade import UpgradeAnswer

__all__ = [
    "AffectedAnswer",
    "AmbiguousHashError",
    "BaseAnswer",
    "BlameAnswer",
    "CacheGraphError",
    "CoverageAnswer",
    "DependenciesAnswer",
    "DiffAnswer",
    "DuplicatesAnswer",
    "FetchError",
    "FindAnswer",
    "FormatError",
    "Graph",
    "HistoryAnswer",
    "ImpactAnswer",
    "ImportSummary",
    "InfoAnswer",
    "LoadAnswer",
    "MatrixAnswer",
    "NotFoundError",
    "OverlapAnswer",
    "PruneAnswer",
    "QueryAnswer",
    "ReleasesAnswer",
    "RemoveAnswer",
    "SharedAnswer",
    "ShowAnswer",
    "StacksAnswer",
    "StatsAnswer",
    "StoreError",
    "UniqueAnswer",
    "UpgradeAnswer",
    "UsageError",
    "VerifyAnswer",
    "VersionError",
    "WantAnswer",
    "WhatIfAnswer",
    "WhyAnswer",
    "__version__",
    "default_store",
    "open",
    "to_frame",
]

__version__ = "0.2.0.dev0"
_MODULES = {
    "AffectedAnswer": "questions.affected",
    "BaseAnswer": "questions.base",
    "BlameAnswer": "questions.blame",
    "CoverageAnswer": "questions.coverage",
    "DependenciesAnswer": "questions.dependencies",
    "DiffAnswer": "questions.diff",
    "DuplicatesAnswer": "questions.duplicates",
    "FindAnswer": "questions.find",
    "Graph": "api",
    "HistoryAnswer": "questions.history",
    "ImpactAnswer": "questions.impact",
    "ImportSummary": "importing.summary",
    "InfoAnswer": "importing.inventory",
    "LoadAnswer": "neo4j.load",
    "MatrixAnswer": "questions.matrix",
    "OverlapAnswer": "questions.overlap",
    "PruneAnswer": "questions.prune",
    "QueryAnswer": "neo4j.adhoc",
    "ReleasesAnswer": "questions.releases",
    "RemoveAnswer": "importing.removing",
    "SharedAnswer": "questions.shared",
    "ShowAnswer": "questions.show",
    "StacksAnswer": "questions.stacks",
    "StatsAnswer": "questions.stats",
    "UniqueAnswer": "questions.unique",
    "UpgradeAnswer": "stores.file.upgrade",
    "VerifyAnswer": "questions.verify",
    "WantAnswer": "questions.want",
    "WhatIfAnswer": "questions.whatif",
    "WhyAnswer": "questions.why",
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


def __dir__() -> list[str]:
    """The names of the package, those that are not imported yet among them."""
    return sorted({*globals(), *__all__})
