"""The command that imports what Spack writes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, Output, names_in_store, options_for, progress_bar
from cachegraph.console.streams import say
from cachegraph.errors import UsageError
from cachegraph.model.schema import RELEASE, STACK
from cachegraph.output.tables import Cell, Table, counted, table_of

if TYPE_CHECKING:
    from cachegraph.importing.summary import ImportSummary


@click.command("import", params=[STORE, *options_for(("counts", "changes", "sources"))])
@click.argument("locations", nargs=-1, metavar="[LOCATION...]", type=click.Path())
@click.option("--sample", is_flag=True, help="Import the sample that comes with cachegraph.")
@click.option(
    "--release",
    metavar="NAME",
    shell_complete=names_in_store(RELEASE),
    help="Release of what is imported, in place of its own.",
)
@click.option(
    "--stack",
    metavar="NAME",
    shell_complete=names_in_store(STACK),
    help="Stack of what is imported; pages keep theirs.",
)
@click.option(
    "--only",
    metavar="KEY",
    multiple=True,
    shell_complete=names_in_store(STACK, RELEASE),
    help="Of a folder, a site index or a build cache, import only this release, stack or "
    "release/stack; * stands for anything. May be repeated.",
)
@click.option("--add", is_flag=True, help="Keep what stacks hold and their sources do not list.")
@click.option("--replace", is_flag=True, hidden=True)
@click.option("--strict", is_flag=True, help="Stop at the first bad record; import nothing.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for another import.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there were warnings.")
@click.pass_context
def import_command(
    ctx: click.Context,
    /,
    locations: tuple[str, ...],
    *,
    sample: bool,
    exit_code: bool,
    store: str,
    **options: Any,
) -> None:
    """Import what Spack writes: files, folders, standard input (-), and addresses.

    Reads pages and data of cache.spack.io, spack.lock files, the index.json of build caches and
    installations, spec files, install prefixes, and whole build caches. Addresses are file://,
    http(s):// and s3://. Prints how much was imported, and from which documents. All good records
    are imported in one transaction; each bad one is a warning.

    A stack that a source lists in full (of pages, a package in its release) becomes what the source
    lists; what nothing refers to any more leaves the graph. --add keeps it, and so does a source
    with a bad record. A source that is there already, byte for byte, is not parsed again.

    \b
    Examples:
      cachegraph import --sample
      cachegraph import FOLDER/e4s/spack.lock --release 24.11
      cachegraph import FOLDER --only '24.11/*'
      cachegraph import s3://BUCKET/mirror
      spack find --json | cachegraph import - --stack mine
    """
    from cachegraph.reading.discover import SAMPLE

    _check_locations(locations, sample=sample)
    output = Output(options)
    summary = Graph(store).import_(
        *(locations or (SAMPLE,)), progress=progress_bar("Importing"), notify=say, **options
    )
    _show(summary, store, output)
    if exit_code and summary.warnings:
        ctx.exit(1)


def _check_locations(locations: Sequence[str], *, sample: bool) -> None:
    """Raises UsageError unless there is either a location or the sample to import."""
    if sample and locations:
        message = f"--sample imports the sample alone, without {locations[0]}"
        raise UsageError(message, "leave --sample out, or import the sample first")
    if not sample and not locations:
        hint = "name a file, a folder or an address, or try it out: cachegraph import --sample"
        raise UsageError("nothing to import", hint)


def _show(summary: "ImportSummary", store: str, output: Output) -> None:
    """Prints the summary, after its warnings."""
    for warning in summary.warnings:
        say(f"Warning: {warning}")
    answer = {"question": "import", **vars(summary), "sources": [*map(vars, summary.sources)]}
    output.show(answer, _tables)
    if summary.warnings:
        say(f"{counted(len(summary.warnings), 'warning')}; all else is in {store}")


def _tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The counts, then the stacks that changed, then the documents."""
    counts = [(_COUNTS.get(name, name.replace("_", " ")), n) for name, n in answer.items()]
    shown = [(name, n) for name, n in counts if type(n) is int]
    yield Table("counts", ("imported", "count"), [*shown, ("warnings", len(answer["warnings"]))])
    yield _changes_table(answer["changes"])
    columns = ("location", "format", "format_version", "specs", "warnings")
    same = answer["unchanged"]
    note = f"{same:,} source{'' if same == 1 else 's'} unchanged" if same else ""
    yield table_of("sources", columns, answer["sources"], note)


_COUNTS = {"unchanged": "sources unchanged"}


def _changes_table(changes: Sequence[Mapping[str, Any]]) -> Table:
    """The stacks that the import changed, or in which it kept what no source lists."""
    changed = [c for c in changes if c["added"] or c["removed"] or c.get("kept")]
    others = len(changes) - len(changed)
    columns = ["stack", "specs", "added", "stayed", "removed"]
    columns += ["kept"] if any("kept" in change for change in changed) else []
    note = (
        f"{counted(others, 'stack')} {'is' if others == 1 else 'are'} as before" if others else ""
    )
    cells: dict[str, Cell] = {"stack": "key", "kept": lambda change: change.get("kept", 0)}
    return table_of("changes", columns, changed, note, **cells)
