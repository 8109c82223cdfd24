"""Answers as Python and notebooks get them: dictionaries that become frames and HTML."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from cachegraph.answers.asked import Asked


class AnswerDict(dict[str, Any]):
    """The document that ``--json`` prints: a dictionary, with its sections as frames and HTML."""

    def __init__(self, answer: Mapping[str, Any], asked: "Asked") -> None:
        super().__init__(answer)
        self._asked = asked

    @overload
    def to_frame(
        self, section: str | None = None, library: Literal["pandas"] = "pandas"
    ) -> "pd.DataFrame": ...

    @overload
    def to_frame(
        self, section: str | None = None, *, library: Literal["polars"]
    ) -> "pl.DataFrame": ...

    def to_frame(self, section: str | None = None, library: str = "pandas") -> Any:
        """A section of the answer as a frame of pandas or Polars; without a name its main rows.

        A column is a key of the rows in JSON, with whole hashes, and lists as lists; a key that a
        row has not is missing there. ``matrix`` and ``coverage`` become a frame with a column for
        each stack or value. UsageError if there is no such section, or if the library is missing.

        >>> graph.find("zlib-ng").to_frame()["version"].tolist()
        ['2.1.5', '2.2.1', '2.2.1']
        >>> graph.matrix("e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda").to_frame().to_numpy().tolist()
        [[35, 30], [30, 44]]
        """
        from cachegraph.answers.frames import frame_of

        return frame_of(self, self._asked, section, library)

    def _repr_html_(self) -> str:
        """The scope of the answer and the first rows of each section, for a notebook."""
        from cachegraph.output.html import as_html

        heading = ": ".join(filter(None, (self["question"], self.get("scope", {}).get("text"))))
        return as_html(self._asked.tables(self), heading, self.get("notes", ()))


@overload
def to_frame(
    answer: Mapping[str, Any], section: str | None = None, library: Literal["pandas"] = "pandas"
) -> "pd.DataFrame": ...


@overload
def to_frame(
    answer: Mapping[str, Any], section: str | None = None, *, library: Literal["polars"]
) -> "pl.DataFrame": ...


def to_frame(answer: Mapping[str, Any], section: str | None = None, library: str = "pandas") -> Any:
    """The same frame as ``answer.to_frame()``, for code whose types are checked.

    To a type checker an answer is a ``TypedDict``, which has no methods.

    >>> cachegraph.to_frame(graph.releases())["name"].tolist()
    ['develop', 'e4s-24.02', 'e4s-24.11']
    """
    if not isinstance(answer, AnswerDict):
        raise TypeError("this is no answer of cachegraph, but a copy of its keys")
    convert: Any = answer.to_frame
    return convert(section, library=library)
