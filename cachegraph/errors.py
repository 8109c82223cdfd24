"""The errors of cachegraph. Each message says what was read, where, and what was found there."""

from reprlib import Repr

_LONGEST_MESSAGE = 6000
_LONGEST_QUOTE = 50
_REPR = Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 4 * _LONGEST_QUOTE


def quoted(value: object, most: int = _LONGEST_QUOTE) -> str:
    """The value as Python writes it, for a message: cut after so many characters."""
    return shortened(_REPR.repr(value[: most + 1] if isinstance(value, str) else value), most)


def shortened(text: str, most: int) -> str:
    """The text, cut after so many characters."""
    return text if len(text) <= most else f"{text[:most]}..."


class CacheGraphError(Exception):
    """An error that the user can act on: a message, and often a hint at what to try next."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message = shortened(message, _LONGEST_MESSAGE)
        super().__init__(self.message)
        self.hint = hint and shortened(hint, _LONGEST_MESSAGE)


class FetchError(CacheGraphError):
    """The bytes cannot be read: missing, forbidden, too large."""


class FormatError(CacheGraphError):
    """The bytes do not follow their format."""


class VersionError(FormatError):
    """The format is newer than this version of cachegraph knows."""


class NotFoundError(CacheGraphError):
    """The graph has no such stack, release, package or hash."""


class AmbiguousHashError(CacheGraphError):
    """Several specs have the hash prefix; the message lists them."""


class UsageError(CacheGraphError):
    """The arguments are invalid or exclude each other."""


class StoreError(CacheGraphError):
    """The store cannot be opened, read or written."""
