"""The command ``cachegraph``, also as ``python -m cachegraph``."""

import gc

# A process that answers one question makes too little garbage to look for.
gc.disable()

from cachegraph.cli import main  # noqa: E402  # what it imports is made without looking

if __name__ == "__main__":
    main()
