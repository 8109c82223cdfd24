"""What the answers look like that find specs. Types, for annotations."""

from cachegraph.questions.answers import Notes, SpecRow


class FoundRow(SpecRow):
    """A spec that fits, and all stacks that hold it."""

    stacks: list[str]


class FindAnswer(Notes):
    """The answer of ``find``."""

    question: str
    spec: str
    specs: list[FoundRow]
