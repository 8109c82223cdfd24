"""What a change rebuilds, as tables, and as a comment for a pull request."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from cachegraph.output.cause_tables import cause_text, change_text, rebuild_causes_table
from cachegraph.output.packages_yaml import Require
from cachegraph.output.render import as_markdown
from cachegraph.output.tables import SPEC_COLUMNS, Cell, Table, counted, shown_bytes, table_of

Answer = Mapping[str, Any]
LONGEST = 65_536
"""The characters that GitHub takes in a comment."""
_ROOM = 2000
"""Characters that are left for what is around the lists."""
_MOST_ROWS = 300
_COUNTS = ("specs", "kept", "builds", "cached", "rebuilt", "changed", "added", "removed")


def impact_tables(answer: Answer) -> Iterator[Table]:
    """The sections of an answer of ``impact``."""
    sums = [(name.replace("_", "-"), answer[name]) for name in (*_COUNTS, "near_duplicates")]
    yield Table("sums", ("", "number"), sums, headline(answer))
    yield table_of("stacks", ("stack", *_COUNTS), answer["stacks"])
    yield rebuild_causes_table(answer["causes"])
    versions: dict[str, Cell] = {n: _joined(n) for n in ("from", "to")}
    note = f"{counted(len(answer['versions']), 'package')} in other versions"
    yield table_of("versions", ("package", *versions), answer["versions"], note, **versions)
    roots = [{**row, "stack": one["stack"]} for one in answer["stacks"] for row in one["roots"]]
    note = f"{counted(len(roots), 'root')} came, went or changed version"
    yield table_of("roots", ("stack", "package", "change", *versions), roots, note, **versions)
    yield _duplicates_table(answer)
    columns = (*SPEC_COLUMNS[:-1], "stacks", SPEC_COLUMNS[-1])
    note = counted(len(answer["new_specs"]), "new build")
    cells: dict[str, Cell] = {"stacks": lambda row: len(row["stacks"])}
    yield table_of("new_specs", columns, answer["new_specs"], note, **cells)


def _duplicates_table(answer: Answer) -> Table:
    found = answer["new_duplicates"]
    note = f"{counted(len(found), 'new build')} that look like one that is there"
    cells: dict[str, Cell] = {
        "looks like": lambda row: f"/{row['like']}",
        "because of": lambda row: "; ".join(map(_cause, row["causes"])) or "unknown",
        "pins that avoid it": lambda row: "; ".join(row["pins"]),
    }
    return table_of("new_duplicates", ("package", "version", "hash", *cells), found, note, **cells)


def _cause(cause: Answer) -> str:
    return cause_text(cause) if cause["depth"] else change_text(cause)


def _joined(name: str) -> Callable[[Any], str]:
    return lambda row: ", ".join(row[name])


def headline(answer: Answer) -> str:
    """What the change comes to, in a sentence."""
    parts = [
        counted(answer["builds"], "new build"),
        f"{answer['cached']} already in a cache" * bool(answer["caches"]),
        f"{answer['rebuilt']} rebuilt only",
        f"{counted(len(answer['versions']), 'package')} in other versions",
        f"{answer['added']} added",
        f"{answer['removed']} gone",
        counted(answer["near_duplicates"], "new near-duplicate"),
    ]
    text = f"Rebuilds {answer['bucket']}: {', '.join(filter(None, parts))}"
    size = f"; {shown_bytes(answer['bytes'])} of archives" if "bytes" in answer else ""
    failed = f". Too many: {', '.join(answer['failed'])}" if answer["failed"] else ""
    return text + size + failed


def impact_markdown(answer: Answer, require: Require) -> str:
    """The answer as a comment: a heading, the stacks, and folded lists that are cut to fit.

    ``require`` is what the pins of new near-duplicates come to.
    """
    tables = {table.section: table for table in impact_tables(answer)}
    most = _MOST_ROWS
    while True:
        text = "".join(_comment(answer, tables, require, most))
        if len(text) < LONGEST - _ROOM or most <= 1:
            return text[: LONGEST - 1]
        most //= 2


def _comment(
    answer: Answer, tables: Mapping[str, Table], require: Require, most: int
) -> Iterator[str]:
    yield f"### Rebuilds: {answer['bucket']}\n\n"
    yield f"{_sentence(headline(answer))}\n\n"
    sides = f"`{_code(answer['old'])}` to `{_code(answer['new'])}`"
    caches = ", ".join(f"`{_code(key)}`" for key in answer["caches"][:10])
    yield f"From {sides}{f'; built already: {caches}' if caches else ''}.\n\n"
    yield from _table(tables["stacks"], most)
    titles = {
        "causes": "Why specs are only rebuilt",
        "versions": "Changed versions",
        "roots": "Roots",
        "new_duplicates": "New near-duplicates",
        "new_specs": "New builds",
    }
    for section, title in titles.items():
        table = tables[section]
        if table.rows:
            yield f"\n<details><summary>{title}: {len(table.rows)}</summary>\n\n"
            yield from _table(_short(table), most)
            if section == "new_duplicates":
                yield from _pins(dict(islice(require.items(), most)))
            yield "\n</details>\n"


def _short(table: Table) -> Table:
    """A table without the variants, which are too long for a comment."""
    if "variants" not in table.columns:
        return table
    place = [*table.columns].index("variants")
    rows = [(*row[:place], *row[place + 1 :]) for row in table.rows]
    return table._replace(columns=[c for c in table.columns if c != "variants"], rows=rows)


def _sentence(text: str) -> str:
    return f"{text.partition(': ')[2].replace('<', '&lt;')}."


def _table(table: Table, most: int) -> Iterator[str]:
    rows = [*table.rows[:most]]
    yield from as_markdown([table._replace(rows=rows, note="")])
    if left := len(table.rows) - len(rows):
        yield f"\n{left} more\n"


def _pins(require: Require) -> Iterator[str]:
    """The pins as lines of packages.yaml."""
    if require:
        yield "\nTo have what is there instead, in `packages.yaml`:\n\n```yaml\npackages:\n"
        for name, texts in require.items():
            yield f"  {_plain(name)}:\n    require: [{', '.join(map(_plain, texts))}]\n"
        yield "```\n"


def _plain(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=True).replace("`", "\\u0060")


def _code(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")
