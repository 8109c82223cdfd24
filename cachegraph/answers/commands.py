"""The answers of commands that are no questions."""

from collections.abc import Iterable, Mapping
from typing import Any

from cachegraph.answers import AnswerDict
from cachegraph.answers.asked import Grid
from cachegraph.output import store_tables
from cachegraph.output.tables import Table

_TABLES = {
    "info": store_tables.info_tables,
    "remove": store_tables.remove_tables,
    "load": store_tables.load_tables,
    "upgrade": store_tables.upgrade_tables,
    "query": store_tables.query_tables,
}


def answer_of_command(document: Mapping[str, Any]) -> Any:
    """The answer with frames and HTML; its key ``question`` says which command it is of."""
    return AnswerDict(document, _Command())


class _Command:
    """A command that is no question: its tables, by the answer."""

    main_section = ""
    sections: tuple[str, ...] = ("stacks", "rows", "counts")

    def tables(self, answer: Mapping[str, Any]) -> Iterable[Table]:
        return _TABLES[answer["question"]](answer)

    def grids(self, answer: Mapping[str, Any]) -> Mapping[str, Grid]:
        """The rows of ``query``, as the server returned them."""
        if answer["question"] != "query":
            return {}
        return {"rows": Grid("", (), answer["columns"], answer["rows"])}

    def row_keys(self, section: str) -> Iterable[str]:
        return ()
