"""Programs that try to break cachegraph; each takes ``--seed`` and ``--seconds``."""
