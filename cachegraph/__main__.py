"""The command ``cachegraph``, also as ``python -m cachegraph``."""

import gc
import os
import signal

# A process that answers one question makes too little garbage to look for.
gc.disable()
# NumPy would start threads to multiply matrices, which we never do: half of the time of its import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Until the command runs and can be aborted in order, Ctrl-C ends the process without a word.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from cachegraph.cli import main  # noqa: E402  # what it imports is made without looking

if __name__ == "__main__":
    main()
