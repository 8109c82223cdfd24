"""Every format that specs are read from, in the order in which the formats are tried."""

from cachegraph.sources import Source, index, lockfile, page, specfile

SOURCES: tuple[Source, ...] = (page, lockfile, index, specfile)
