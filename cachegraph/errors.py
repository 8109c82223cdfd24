"""The errors of cachegraph: each says what was read, where, what was found, and what to try.

CacheGraphError
├── FetchError           no bytes: no such file, not readable, too large
├── FormatError          bytes, but not what the format promises
│   └── VersionError     written by something newer than we know
├── NotFoundError        no such stack, release, package or hash
├── AmbiguousHashError   a hash prefix that fits several specs
├── UsageError           a question that cannot be asked this way
└── StoreError           the store cannot be opened, read or written
"""


class CacheGraphError(Exception):
    """Something a person can act on: a message, and perhaps a hint at the next thing to try."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class FetchError(CacheGraphError):
    """The bytes could not be had."""


class FormatError(CacheGraphError):
    """The bytes are not what their format promises."""


class VersionError(FormatError):
    """The bytes were written by a newer version than this one knows."""


class NotFoundError(CacheGraphError):
    """No such stack, release, package or hash in the graph."""


class AmbiguousHashError(CacheGraphError):
    """A hash prefix fits several specs; the message lists them."""


class UsageError(CacheGraphError):
    """The question cannot be asked this way."""


class StoreError(CacheGraphError):
    """The store cannot be opened, read or written."""
