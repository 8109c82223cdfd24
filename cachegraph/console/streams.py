"""Standard output and standard error, which may be closed, full, or read by nobody."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from io import TextIOBase
from typing import IO

from cachegraph.environment import wants_colour
from cachegraph.errors import CacheGraphError
from cachegraph.output.printable import printable


class Closed(TextIOBase):
    """A standard output that takes nothing; Click would take None for one that takes all."""

    def write(self, _: str) -> int:
        """CacheGraphError."""
        raise CacheGraphError("standard output is closed: the answer cannot be printed")


_COLOURS = {"Error": "red", "Warning": "yellow", "Note": "cyan", "Hint": "cyan"}


def prepare_streams() -> None:
    """Lets no file be opened as a closed standard stream; text that is no UTF-8 is spelled out."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stdout is None:
        sys.stdout = Closed()


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a standard stream is open, and a terminal."""
    return stream is not None and stream.isatty()


def write(parts: Iterable[str]) -> None:
    """Writes the parts of an answer to standard output; CacheGraphError if that is impossible.

    BrokenPipeError if its reader has gone.
    """
    try:
        sys.stdout.write("")  # also an answer without text tells whether it is closed
        for part in parts:
            sys.stdout.write(part)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise output_error(exc) from exc


def output_error(error: OSError) -> CacheGraphError:
    """The error of an answer that standard output does not take, for which it is now closed."""
    sys.stdout = Closed()  # as where it was closed from the start
    hint = "the answer is not complete: print it elsewhere"
    return CacheGraphError(f"standard output: {error.strerror or error}", hint)


def say(message: str) -> None:
    """Prints a message to standard error, with nothing in it that a terminal would obey.

    On a terminal the word that it begins with has a colour. A message that cannot be printed
    changes nothing.
    """
    text = printable(message)
    with suppress(OSError, ValueError):
        if is_terminal(sys.stderr) and wants_colour():
            _say_in_colour(text)
        elif sys.stderr is not None:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


def _say_in_colour(text: str) -> None:
    import click

    word, colon, rest = text.partition(":")
    if word in _COLOURS:
        text = click.style(word + colon, fg=_COLOURS[word], bold=True) + rest
    click.echo(text, err=True)


def say_error(error: CacheGraphError) -> None:
    """Prints an error and its hint."""
    say(f"Error: {error.message}")
    if error.hint:
        say(f"Hint: {error.hint}")
