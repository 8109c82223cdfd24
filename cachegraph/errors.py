"""The errors of cachegraph. Each message says what was read, where, and what was found there."""


class CacheGraphError(Exception):
    """An error that the user can act on: a message, and often a hint at what to try next."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


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
