"""Spack's spec syntax: from text to a pattern, and whether what is known of a spec fits it.

Pure: nothing here knows a graph. What a pattern says of dependencies is for others to look up.
"""

from cachegraph.syntax.compilers import COMPILERS
from cachegraph.syntax.parsing import parse
from cachegraph.syntax.pattern import Flag, Needs, Pattern, Target, Variant
from cachegraph.syntax.versions import Versions

__all__ = [
    "COMPILERS",
    "Flag",
    "Needs",
    "Pattern",
    "Target",
    "Variant",
    "Versions",
    "parse",
]
