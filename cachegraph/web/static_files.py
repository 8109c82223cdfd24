"""The files of the pages' style, script and icon."""

from functools import cache
from importlib.resources import files

STATIC_FILES = {
    "style.css": "text/css",
    "cachegraph.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
"""The media type of each file by its name."""


@cache
def static_file(name: str) -> bytes:
    """The content of one of the files."""
    return files("cachegraph.web").joinpath("static", name).read_bytes()
