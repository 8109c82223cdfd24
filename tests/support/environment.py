"""The variables that the tests are told by."""

import os


def is_set(name: str) -> bool:
    """Whether a variable of the environment says yes."""
    return os.environ.get(name, "").lower() not in {"", "0", "false"}
