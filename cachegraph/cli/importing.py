"""The command that imports what Spack writes."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import OUTPUT, OUTPUT_NAMES, progress_bar, show_answer
from cachegraph.output.tables import Table, counted, table_of


@click.command("import", params=[*OUTPUT])
@click.argument("locations", nargs=-1, metavar="[LOCATION...]", type=click.Path())
@click.option("--sample", is_flag=True, help="Import the sample that comes with cachegraph.")
@click.option("--release", metavar="NAME", help="Release of what is imported, in place of its own.")
@click.option("--stack", metavar="NAME", help="Stack of what is imported; pages keep theirs.")
@click.option(
    "--only",
    metavar="KEY",
    multiple=True,
    help="Of a site index or a build cache, import only this release, or release/stack; "
    "* stands for anything. May be repeated.",
)
@click.option("--replace", is_flag=True, help="Remove what the sources no longer hold.")
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
    are imported in one transaction; each bad one is a warning. Importing again changes nothing.

    \b
    Examples:
      cachegraph import --sample
      cachegraph import FOLDER/e4s/spack.lock --release 24.11
      cachegraph import s3://BUCKET/mirror
      spack find --json | cachegraph import - --stack mine
    """
    from cachegraph.reading.discover import SAMPLE

    if sample == bool(locations):
        raise click.UsageError("name either files, folders or addresses, or --sample")
    output = {name: options.pop(name) for name in OUTPUT_NAMES}
    summary = Graph(store).import_(
        *(locations or (SAMPLE,)), progress=progress_bar("Importing"), notify=_notify, **options
    )
    for warning in summary.warnings:
        _notify(f"Warning: {warning}")
    answer = {"question": "import", **vars(summary), "sources": [*map(vars, summary.sources)]}
    show_answer(answer, _tables, **output)
    if summary.warnings:
        _notify(f"{counted(len(summary.warnings), 'warning')}; all else is in {store}")
    if exit_code and summary.warnings:
        ctx.exit(1)


def _tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The counts, then the documents."""
    counts = [(name.replace("_", " "), n) for name, n in answer.items() if type(n) is int]
    counts.append(("warnings", len(answer["warnings"])))
    yield Table("counts", ("imported", "count"), counts)
    columns = ("location", "format", "format_version", "specs", "warnings")
    yield table_of("sources", columns, answer["sources"])


def _notify(message: str) -> None:
    click.echo(message, err=True)
