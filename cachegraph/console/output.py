"""The options of how an answer is printed, which all commands that print tables have."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from cachegraph.console.streams import is_terminal, say, write
from cachegraph.environment import prepare_pager, uses_pager, wants_colour
from cachegraph.errors import UsageError
from cachegraph.output.printable import printable
from cachegraph.questions.parameters import Option

if TYPE_CHECKING:
    from cachegraph.output.tables import Table

_FORMS = ("json", "csv", "markdown")
OPTIONS: "Sequence[tuple[str, Option, Any, bool]]" = (
    ("json", Option("Print one JSON document."), False, False),
    (
        "csv",
        Option(
            "Print one table as CSV: the main one, or that of --section; ' stands before a formula."
        ),
        False,
        False,
    ),
    ("markdown", Option("Print Markdown, to paste."), False, False),
    ("section", Option("Only this section of the answer.", "NAME"), None, False),
    ("limit", Option("At most N rows.", "N", least=1), None, False),
    ("every_row", Option("All rows on a terminal, unpaged.", names=("--all",)), False, False),
    ("no_pager", Option("Do not page what is longer than a terminal."), False, False),
    (
        "whole_hashes",
        Option("Show whole hashes, not their beginnings.", names=("-L", "--whole-hashes")),
        False,
        False,
    ),
    (
        "verbose",
        Option("Show all variants, and cells in full.", names=("-v", "--verbose")),
        False,
        False,
    ),
)
"""The name of each option, how it is declared, its default, and that it takes one value."""
_NAMES = [name for name, *_ in OPTIONS]


class OptionsError(UsageError):
    """Options contradict each other, or name what an answer has not."""


class Output:
    """How an answer is to be printed, taken out of the options that were given to a command.

    OptionsError if they contradict each other.
    """

    error: Callable[[str], Exception] = OptionsError
    """Makes what is raised."""

    def __init__(self, given: dict[str, Any], main: str = "") -> None:
        options = {name: given.pop(name) for name in _NAMES if name in given}
        forms = [form for form in _FORMS if options[form]]
        self.form = forms[0] if forms else None
        self.section: str | None = options["section"]
        self.limit: int | None = options.get("limit")
        self.every_row: bool = options["every_row"]
        self.paged: bool = not options["no_pager"]
        self.whole_hashes: bool = options["whole_hashes"]
        self.verbose: bool = options["verbose"]
        self._main = main
        if len(forms) > 1:
            raise self.error(f"--{forms[0]} or --{forms[1]}, not both")
        if self.limit and (self.every_row or self.form == "json"):
            other = "--all" if self.every_row else "--json, which has all rows"
            raise self.error(f"--limit or {other}, not both")

    def show(
        self,
        answer: Mapping[str, Any],
        tables: "Callable[[Any], Iterable[Table]]",
        markdown: "Callable[[Any], str]" = lambda _: "",
        text: str | None = None,
    ) -> None:
        """Prints an answer in the form that was asked for, else the one that suits where it goes.

        ``markdown`` makes a form of its own of the whole answer, and a ``text`` is printed in place
        of tables. OptionsError if the answer has no such section.
        """
        from cachegraph.output import render

        for note in answer.get("notes", ()):
            say(f"Note: {note}")
        if self.form == "json":
            part = answer if self.section is None else self._json_section(answer, tables)
            write(render.as_json(part))
            return
        if (whole := self._text(answer, markdown, text)) is not None:
            write([printable(whole) if is_terminal(sys.stdout) else whole])
            return
        shown = self._chosen([*tables(answer)])
        scope = answer.get("scope")
        heading = "" if scope is None or scope["everything"] else _capitalized(scope["text"])
        if self.form == "csv":
            parts = render.as_csv(shown)
        elif self.form == "markdown":
            parts = render.as_markdown(shown, heading)
        elif is_terminal(sys.stdout):
            self._show_in_terminal(shown, heading)
            return
        else:
            parts = render.as_tsv(shown)
        # Tables for a terminal are made of printable cells; their heads have its colours.
        write(map(printable, parts) if is_terminal(sys.stdout) else parts)

    def _text(
        self, answer: Mapping[str, Any], markdown: "Callable[[Any], str]", text: str | None
    ) -> str | None:
        """The text that stands for all tables; OptionsError where it has not the form asked for."""
        is_part = bool(self.section or self.limit)
        if self.form == "markdown" and not is_part and (comment := markdown(answer)):
            return printable(comment)
        if text is not None and (self.form or is_part):
            others = "--csv, --markdown, --section and --limit"
            raise self.error(f"this text has no other form: leave out {others}")
        return text

    def _chosen(self, tables: "Sequence[Table]") -> "Sequence[Table]":
        """The tables that are printed, with no more rows than the limit."""
        if self.section is not None:
            tables = [self._named(tables, self.section)]
        elif self.form == "csv":
            main = [table for table in tables if table.section == self._main]
            tables = (main or tables)[:1]
        if self.limit is None:
            return tables
        return [table._replace(rows=table.rows[: self.limit]) for table in tables]

    def _json_section(
        self, answer: Mapping[str, Any], tables: "Callable[[Any], Iterable[Table]]"
    ) -> Mapping[str, Any]:
        """The part of the answer with the section's name, else its table; with what it is of."""
        section = str(self.section)
        table = self._named([*tables(answer)], section)
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        about = {name: answer[name] for name in ("question", "scope") if name in answer}
        return {**about, section: answer.get(section, rows)}

    def _named(self, tables: "Iterable[Table]", section: str) -> "Table":
        """The table of a section; OptionsError lists the sections."""
        found = {table.section: table for table in tables}
        if section not in found:
            raise self.error(f"no section {section}; there are {', '.join(found)}")
        return found[section]

    def _show_in_terminal(self, tables: "Sequence[Table]", heading: str) -> None:
        """Prints as much as the terminal has room for, or all by way of a pager."""
        import shutil

        from cachegraph.output.terminal import Style, for_terminal

        width, height = shutil.get_terminal_size()
        style = Style(
            width,
            colour=wants_colour(),
            verbose=self.verbose,
            whole_hashes=self.whole_hashes,
        )
        if self.every_row or self.limit:
            write(for_terminal(tables, heading, style))
        elif self.paged and is_terminal(sys.stdin) and uses_pager():
            _page(for_terminal(tables, heading, style), height)
        else:
            write(for_terminal(tables, heading, style._replace(lines=height - 1)))


def _page(parts: Iterator[str], height: int) -> None:
    """Prints what fits on the screen, and shows what is longer in a pager."""
    first = [*islice(parts, height)]  # parts are lines
    if len(first) < height:
        write(first)
    else:
        import click

        prepare_pager()
        click.echo_via_pager(chain(first, parts))


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
