"""Bills of materials (SBOM) in the forms that security tools read.

A form is a module of this folder with a function ``document``, and an entry in ``FORMATS``. The
libraries that make them are imported when a bill is made.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from cachegraph.analysis.bill_of_materials import Bill
from cachegraph.environment import source_date_epoch
from cachegraph.errors import UsageError
from cachegraph.exports.files import atomic_file

FORMATS: Mapping[str, str] = {"cyclonedx": ".cdx.json", "spdx": ".spdx.json"}
"""Each form, and the ending of file names that stands for it."""


class Form(Protocol):
    """A module that makes bills of one form."""

    def document(self, bill: Bill, created: datetime | None) -> dict[str, Any]:
        """The bill as a JSON document; the same for the same bill and time."""


def document(bill: Bill, format_: str, created: datetime | None) -> dict[str, Any]:
    """The bill in a form; UsageError if there is no such form, or its library is missing."""
    if format_ not in FORMATS:
        raise UsageError(f"no format {format_}", f"name one of {', '.join(FORMATS)}")
    try:
        form = cast("Form", import_module(f"{__name__}.{format_}"))
    except ImportError as exc:
        message = f"bills of materials need a package that is not there: {exc.name}"
        raise UsageError(message, "pip install 'cachegraph[sbom]'") from exc
    return form.document(bill, created)


def format_of(path: str) -> str:
    """The form that the ending of a name stands for, else the first one."""
    found = (name for name, ending in FORMATS.items() if path.endswith(ending))
    return next(found, next(iter(FORMATS)))


def time_asked(text: str | None) -> datetime | None:
    """The time of a text of ISO 8601, else of ``SOURCE_DATE_EPOCH``, in UTC; UsageError if none.

    None if neither is given.
    """
    if text is None:
        seconds = source_date_epoch()
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    try:
        time = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"{text}: not a time", "such as 2026-01-31T12:00:00Z") from exc
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def write_document(path: str | os.PathLike[str], made: Mapping[str, Any]) -> None:
    """Writes a bill as JSON; the file appears complete or not at all."""
    with atomic_file(Path(path)) as write:
        write(json.dumps(made, indent=2) + "\n")
