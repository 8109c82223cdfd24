"""The edge of the room: whatever one document raises becomes its error, with its place."""

from collections.abc import Iterator
from contextlib import contextmanager

from cachegraph.errors import FormatError

UNEXPECTED: tuple[type[Exception], ...] = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError),
    *(TypeError, ValueError),
)
"""What reading may raise where a document has another shape than any that is known."""
_HINT = "it may be damaged: fetch it again"


def reason(error: Exception) -> str:
    """Why a value could not be read, in a few words."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, MemoryError):
        return "too large for the memory of this machine"
    if isinstance(error, KeyError):
        return f"{error.args[0] if error.args else 'a field'} is missing"
    return str(error) or type(error).__name__


@contextmanager
def unexpected_errors(location: str) -> Iterator[None]:
    """Turns what a document at a location raises into a FormatError."""
    try:
        yield
    except UNEXPECTED as exc:
        raise FormatError(f"{location}: not as its format promises: {reason(exc)}", _HINT) from exc
