"""Starts and ends the process of a command, and prints its errors, without Click.

To import Click takes as long as three processes of Python that do nothing.
"""

import os
import signal
import sys
from collections.abc import Callable

from cachegraph.console.streams import output_error, prepare_streams, say, say_error
from cachegraph.errors import CacheGraphError, shortened

_LONGEST_SHOWN = 300
INTERRUPTED = 130


def end_with(status: Callable[[], int]) -> None:
    """Ends the process with a status: 0 answered, 1 found, 2 trouble. What is raised is printed."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminate)
    prepare_streams()
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        number = _tried(status)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is to end
    except KeyboardInterrupt:
        number = INTERRUPTED
    # Taking the interpreter down in order is a seventh of a question's time, and serves nothing.
    os._exit(number)


def _terminate(number: int, _: object) -> None:
    """Ends the process as the signal would, once what it has begun is cleaned up."""
    raise SystemExit(128 + number)


def _tried(status: Callable[[], int]) -> int:
    """The status; of an error that is raised, 2, once it is printed."""
    try:
        number = status()
        sys.stdout.flush()
    except KeyboardInterrupt:
        say("\nAborted.")  # on a line of its own after ^C, as Click says it
        return INTERRUPTED
    except BrokenPipeError:
        return 0  # the reader of the answer has closed the pipe: nothing more can be written
    except (CacheGraphError, OSError) as error:
        say_error(output_error(error) if isinstance(error, OSError) else error)
        return 2
    except Exception as error:
        say_error(_fault(error))
        return 2
    return number


def _fault(error: Exception) -> CacheGraphError:
    """The error of what nobody foresaw, with the place in the code."""
    from pathlib import Path
    from traceback import extract_tb

    places = [frame for frame in extract_tb(error.__traceback__) if "cachegraph" in frame.filename]
    place = f"{Path(places[-1].filename).name}, line {places[-1].lineno}: " if places else ""
    message = f"{place}{type(error).__name__}: {shortened(str(error), _LONGEST_SHOWN)}"
    return CacheGraphError(message, "this is a fault of cachegraph; please report it")
