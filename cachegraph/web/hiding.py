"""Takes what belongs to this machine out of answers before others see them."""

from collections.abc import Mapping
from typing import Any

from cachegraph.reading.remote import is_remote

_LOCATIONS = ("location", "lock", "store")
"""The keys whose values are places of sources and stores."""


def without_local_paths(value: Any) -> Any:
    """An answer in which local paths are the names of their files; addresses stay."""
    if isinstance(value, Mapping):
        return {
            name: shown_location(part)
            if name in _LOCATIONS and isinstance(part, str)
            else without_local_paths(part)
            for name, part in value.items()
        }
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return [*map(without_local_paths, value)]
    return value


def shown_location(location: str) -> str:
    """An address as it is, and a place within an imported folder; of other paths the name."""
    parts = location.replace("\\", "/").rstrip("/").split("/")
    is_local = parts[0] in ("", "..") or parts[0].endswith(":")
    return parts[-1] if is_local and not is_remote(location) else location
