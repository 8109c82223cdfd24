"""The key of a stack, and the names of stacks and releases that have a meaning of their own."""

from typing import NamedTuple

ROOT = "root"
"""The stack of a mirror's top index, which has every spec of its release."""
DEVELOP = "develop"
"""The release of Spack's main branch."""
LOCAL = "local"
"""The release of a document that names none."""


class StackKey(NamedTuple):
    """The release and the name of a stack, written ``release/name``; only a release has slashes."""

    release: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "StackKey":
        """The parts of a key; the release of a bare name is empty."""
        release, _, name = text.rpartition("/")
        return cls(release, name)

    def __str__(self) -> str:
        return f"{self.release}/{self.name}"
