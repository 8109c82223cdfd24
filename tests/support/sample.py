"""The sample that ships with cachegraph, and the part of it that is pages of cache.spack.io."""

from cachegraph.reading.discover import SAMPLE

PAGES = SAMPLE / "develop"
"""Four pages: 390 specs in 13 stacks of develop, and root."""
