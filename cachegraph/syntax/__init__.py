"""Spack's spec syntax: parses a text into a pattern, and tests specs against it.

Nothing here knows the graph: a pattern only tests the properties of a spec, and callers look up its
dependencies.
"""

from cachegraph.syntax.compilers import COMPILERS
from cachegraph.syntax.parsing import parse
from cachegraph.syntax.pattern import (
    ANY,
    DependencyPattern,
    Flag,
    Pattern,
    Target,
    Variant,
    is_name_pattern,
    name_test,
)
from cachegraph.syntax.versions import Versions

__all__ = [
    "ANY",
    "COMPILERS",
    "DependencyPattern",
    "Flag",
    "Pattern",
    "Target",
    "Variant",
    "Versions",
    "is_name_pattern",
    "name_test",
    "parse",
]
