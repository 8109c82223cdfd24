"""Reads the JSON of a document that is no source of specs, such as an advisory."""

import os
from pathlib import Path
from typing import Any

from cachegraph.errors import FetchError
from cachegraph.reading.locations import check_exists, largest, local_path, read_standard_input
from cachegraph.sources import Document
from cachegraph.sources.jsontext import parse_json


def read_json(location: str | os.PathLike[str]) -> Any:
    """The value of a JSON file, or of standard input for ``-``; FetchError and FormatError."""
    shown = os.fspath(location)
    if shown == "-":
        return parse_json(Document("standard input", shown, read_standard_input()))
    path = local_path(shown)
    check_exists(path)
    try:
        if Path(path).stat().st_size > largest():
            raise FetchError(f"{shown}: larger than {largest() >> 20} MiB", "split it")
        data = Path(path).read_bytes()
    except OSError as exc:
        raise FetchError(f"{shown}: {exc.strerror}", "name one JSON file") from exc
    return parse_json(Document(shown, path, data))
