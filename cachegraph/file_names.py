"""Which of the stacks that a question names are files."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.model.schema import RELEASE, STACK
from cachegraph.questions import Question, fields
from cachegraph.stores import Store

AnyQuestion = Question[Any, Any]
GIT = "git:"
_EXPLICIT = ("./", "../", "~/", ".\\")
_ENDINGS = (".lock", ".json", ".yaml", ".yml", ".gz", ".zst", ".sig")
_LONGEST = 4000
"""Characters of a path; longer texts are none."""


def named_files(question: AnyQuestion, store_of: Callable[[], Store]) -> list[tuple[str, bool]]:
    """The files among the stacks that a question names, and whether each may be a release.

    A name that begins with ``./``, ``../``, ``~/`` or ``git:`` is a file. One that has the ending
    of a file, or is a path from the root, is one if it is there; any other with a slash, if it is
    there and no stack of the store has the name.
    """
    return [one for one in stack_names(question) if _is_file(one[0], store_of)]


def stack_names(question: AnyQuestion) -> Iterator[tuple[str, bool]]:
    """The names of stacks that a question is given, and whether they may be releases."""
    for name, may_be_release in stack_fields(type(question)):
        value = getattr(question, name, None)
        for text in [value] if isinstance(value, str) else value or ():
            yield text, may_be_release


def stack_fields(question: type[AnyQuestion]) -> Iterator[tuple[str, bool]]:
    """The parameters of a question that name stacks, and whether they may name releases."""
    for name, hint in fields(question).items():
        for one in getattr(hint, "__metadata__", ()):
            if one and STACK in one.completes:
                yield name, RELEASE in one.completes


def _is_file(text: str, store_of: Callable[[], Store]) -> bool:
    if text.startswith(_EXPLICIT) or is_in_git(text):
        return True
    if not _exists(text):
        return False
    if text.endswith(_ENDINGS):
        return True
    if text.startswith("/"):  # or a hash
        return "/" in text[1:] or os.path.isfile(text)  # noqa: PTH113
    with suppress(StoreError):
        return "/" in text and store_of().find(STACK, text) is None
    return "/" in text


def is_in_git(text: str) -> bool:
    """Whether it is a revision, and not an address."""
    return text.startswith(GIT) and not text.startswith(f"{GIT}//")


def _exists(text: str) -> bool:
    with suppress(OSError, ValueError):
        return len(text) < _LONGEST and os.path.exists(text)  # noqa: PTH110  # pathlib is slow to import
    return False
