"""Every format that specs are read from, in the order in which the formats are tried."""

from cachegraph.sources import Source, index, lockfile, page, sitedata, specfile

READER = 1
"""Raised when more is read out of the same bytes: sources in the graph are then read again."""

SOURCES = (
    Source("pages (specs.md)", page.accepts, page.read, page.scope, page.FILE_NAMES),
    Source(
        "spack.lock",
        lockfile.accepts,
        lockfile.read,
        file_names=("spack.lock",),
        is_environment=True,
    ),
    Source("index.json", index.accepts, index.read, stack_named_by_folder=True),
    Source("the site's specs_data.json and package_data.json", sitedata.accepts, sitedata.read),
    Source("spec files", specfile.accepts, specfile.read),
)
NO_INDEX = Source("", specfile.accepts, specfile.read_none)
"""For a build cache whose index cannot be read: all of its specs are in other files."""
