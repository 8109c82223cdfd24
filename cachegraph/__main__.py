"""The command ``cachegraph``, also as ``python -m cachegraph``."""

import gc
import os
import signal
import sys

# A process that answers one question makes too little garbage to look for.
gc.disable()
# NumPy would start threads to multiply matrices, which we never do: half of the time of its import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Until the command runs and can be aborted in order, Ctrl-C ends the process without a word.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# What these import is made without looking.
from cachegraph import environment  # noqa: E402
from cachegraph.console import end_with  # noqa: E402
from cachegraph.console.asking import answered  # noqa: E402
from cachegraph.console.output import OptionsError  # noqa: E402


def main() -> None:
    """Runs the command line and ends the process: 0 answered, 1 found, 2 trouble."""
    environment.is_command = True
    end_with(_status)


def _status() -> int:
    wrong = None
    try:
        if (status := answered(sys.argv[1:])) is not None:
            return status
    except OptionsError as error:
        wrong = error
    except BrokenPipeError:
        return 1  # as Click ends where the reader of an answer has gone
    from cachegraph.cli import run

    return run(wrong)


if __name__ == "__main__":
    main()
