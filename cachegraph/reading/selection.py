"""Selects the documents of some releases and stacks, by their names."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath

from cachegraph.errors import UsageError
from cachegraph.model.stack_key import LOCAL
from cachegraph.reading.discover import Place, uncompressed_name
from cachegraph.reading.documents import names_from_path
from cachegraph.sources import Source, StackNames
from cachegraph.sources.registry import SOURCES

_KEYS_SHOWN = 20
_NO_NAMES = StackNames()
_INDEX = "index.json"
_PAGE_ENDING = ".md"
_DOCUMENT_ENDINGS = (".lock", ".json", ".sig", ".spec.yaml")


def select_places(
    places: Sequence[Place], patterns: Sequence[str], user_names: StackNames
) -> Sequence[Place]:
    """The places whose release, stack or ``release/stack`` matches a pattern; without any, all.

    Pages always stay: their stacks are known only when they are read. UsageError if nothing is
    left, with the names that there are.
    """
    if not patterns:
        return places
    names = [_names(place) for place in places]
    selected = [
        place
        for place, own in zip(places, names, strict=True)
        if own is None or _is_selected(own, patterns) or _is_selected(own, patterns, user_names)
    ]
    if not selected:
        likely = zip(map(_is_likely_document, places), names, strict=True)
        known = sorted({_key(own, user_names) for is_likely, own in likely if is_likely and own})
        known[_KEYS_SHOWN:] = ["..."] if len(known) > _KEYS_SHOWN else []
        hint = f"there are {', '.join(known)}" if known else "there is no document"
        raise UsageError(f"nothing fits --only {' '.join(patterns)}", hint)
    return selected


def _names(place: Place) -> StackNames | None:
    """The names that a document at the place would have; None if it may be a page."""
    if place.names.stack:
        return place.names
    name = uncompressed_name(PurePath(place.path).name)
    return None if name.endswith(_PAGE_ENDING) else names_from_path(place, _source(name))


def _source(name: str) -> Source:
    """The source that the name of a file tells; for other names the last, named by the file."""
    of_name = (
        s for s in SOURCES if name in s.file_names or (s.stack_named_by_folder and name == _INDEX)
    )
    return next(of_name, SOURCES[-1])


def _is_selected(
    own: StackNames, patterns: Sequence[str], user_names: StackNames = _NO_NAMES
) -> bool:
    key = _key(own, user_names)
    release, _, stack = key.rpartition("/")
    return any(fnmatchcase(name, p) for name in (release, key, stack) for p in patterns)


def _key(own: StackNames, user_names: StackNames) -> str:
    release = user_names.release or own.release or LOCAL
    return f"{release}/{user_names.stack or own.stack}"


def _is_likely_document(place: Place) -> bool:
    return place.is_document or uncompressed_name(place.path).endswith(_DOCUMENT_ENDINGS)
