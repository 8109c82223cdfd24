"""The command line: parse, call the library, render. No logic of the graph."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from cachegraph import __version__
from cachegraph.api import FORMATS, Graph
from cachegraph.options import (
    LEVELS,
    OUTPUT,
    RELEASE,
    STACKS,
    STORE,
    STORE_HELP,
    Commands,
    names,
    show_answer,
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cachegraph")
@click.option("--store", metavar="LOCATION", help=STORE_HELP)
def cli(store: str | None) -> None:  # the commands look it up
    """Which Spack stacks hold which concrete specs, and what they share.

    \b
    Begin with:
      cachegraph import --sample
      cachegraph overlap e4s ml-linux-x86_64-cpu
    """


@cli.command("import", params=[*OUTPUT])
@click.argument("locations", nargs=-1, metavar="LOCATION...", type=click.Path())
@click.option("--sample", is_flag=True, help="Import the four pages that come with cachegraph.")
@click.option("--release", metavar="NAME", help="Release of what is imported, whatever it says.")
@click.option("--stack", metavar="NAME", help="Stack of what is imported, whatever its name.")
@click.option(
    "--only",
    metavar="KEY",
    multiple=True,
    help="Of what a site index or a build cache lists, only this release, or release/stack; "
    "* stands for anything. May be repeated.",
)
@click.option("--replace", is_flag=True, help="Take out what the sources no longer hold.")
@click.option("--strict", is_flag=True, help="Stop at the first bad record; nothing goes in.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for another import.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there were warnings.")
@click.pass_context
def import_(  # noqa: PLR0913  # one for each option
    ctx: click.Context,
    /,
    locations: tuple[str, ...],
    *,
    sample: bool,
    exit_code: bool,
    store: str,
    form: str | None,
    section: str | None,
    everything: bool,
    **options: Any,
) -> None:
    """Import what Spack writes: files, folders, and http(s):// or s3:// addresses of them.

    Pages of cache.spack.io, spack.lock, the index.json of build caches and installations, spec
    files, and build caches as a whole. What is good goes in, in one transaction; what is bad is a
    warning. Importing again changes nothing.

    \b
    Such as FOLDER/e4s/spack.lock --release 24.11, /mirror, s3://BUCKET/mirror.

    \b
    Example:
      cachegraph import --sample
    """
    from cachegraph.discover import SAMPLE

    if sample == bool(locations):
        raise click.UsageError("name what to import: a file, a folder, or --sample")
    graph = Graph(store)
    summary = graph.import_(
        *(locations or (SAMPLE,)), progress=_progress, notify=_notify, **options
    )
    for warning in summary.warnings:
        click.echo(f"Warning: {warning}", err=True)
    answer = {"question": "import", **vars(summary), "sources": [*map(vars, summary.sources)]}
    show_answer(answer, form, section, everything=everything)
    if summary.warnings:
        click.echo(f"{len(summary.warnings)} warnings; all else is in {store}", err=True)
    if exit_code and summary.warnings:
        ctx.exit(1)


def _notify(message: str) -> None:
    click.echo(message, err=True)


def _progress(items: Any, length: int) -> Iterator[Any]:
    if not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, length, "Importing", file=sys.stderr) as bar:
        yield from bar


@cli.command(params=[*OUTPUT])
def stats(*, store: str, **output: Any) -> None:
    """Count nodes by label and relationships by type.

    \b
    Example:
      cachegraph stats
    """
    with Graph(store) as graph:
        show_answer(graph.stats(), **output)


@cli.command(params=[*OUTPUT])
def releases(*, store: str, **output: Any) -> None:
    """List the releases, with their stacks and specs counted.

    \b
    Example:
      cachegraph releases
    """
    with Graph(store) as graph:
        show_answer(graph.releases(), **output)


@cli.command(params=[RELEASE, *OUTPUT])
def stacks(*, store: str, release: str | None, **output: Any) -> None:
    """List the stacks, with their specs and roots counted.

    \b
    Example:
      cachegraph stacks --release develop
    """
    with Graph(store) as graph:
        show_answer(graph.stacks(release), **output)


@cli.command(params=[*OUTPUT])
@click.argument("spec", metavar="/HASH|PACKAGE", shell_complete=names("PACKAGE"))
def show(spec: str, *, store: str, **output: Any) -> None:
    """Show where a spec was seen and what it is, or all that is known of a package.

    A hash may be cut to any length; the slash may be left out.

    \b
    Example:
      cachegraph show py-mpi4py
      cachegraph show /2feova4
    """
    with Graph(store) as graph:
        show_answer(graph.show(spec), **output)


@cli.command(params=[*STACKS, *OUTPUT])
@click.pass_context
def overlap(
    ctx: click.Context,
    /,
    stacks: tuple[str, ...],
    *,
    store: str,
    release: str | None,
    exit_code: bool,
    **output: Any,
) -> None:
    """Tell what two or more stacks share, at every level, and what keeps the rest apart.

    Specs are equal by hash (the same binary), alike (all that can be seen but dependencies and
    recipe), spec (package, version, variants), version (package, version) or package.

    \b
    Example:
      cachegraph overlap e4s ml-linux-x86_64-cpu
      cachegraph overlap ml-linux-x86_64-cpu ml-linux-x86_64-cuda ml-linux-x86_64-rocm
    """
    with Graph(store) as graph:
        answer = graph.overlap(*stacks, release=release)
        show_answer(answer, **output)
    if exit_code and answer["shared"]:
        ctx.exit(1)


@cli.command(params=[*STACKS, *OUTPUT])
@click.option("--level", default="hash", show_default=True, type=click.Choice(LEVELS))
@click.pass_context
def matrix(
    ctx: click.Context,
    /,
    stacks: tuple[str, ...],
    *,
    store: str,
    release: str | None,
    level: str,
    exit_code: bool,
    **output: Any,
) -> None:
    """Tell what every pair of stacks shares; of all stacks but root when none is named.

    \b
    Example:
      cachegraph matrix
      cachegraph matrix --level version e4s hep ml-linux-x86_64-cpu
    """
    with Graph(store) as graph:
        answer = graph.matrix(*stacks, release=release, level=level)
        show_answer(answer, **output)
    shared = answer["shared"]
    if exit_code and any(shared[i][j] for i in range(len(shared)) for j in range(i)):
        ctx.exit(1)


@cli.command(params=[*OUTPUT])
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something is wrong.")
@click.pass_context
def verify(ctx: click.Context, /, *, store: str, exit_code: bool, **output: Any) -> None:
    """Check the DAG hashes against what the sources' bytes give, and the graph for loose ends.

    For each source: how many specs have the hash that their bytes give, how many another one and
    why they may (external, spliced, carried over from before Spack 1.0, a test package, rewritten
    by a later Spack), and of how many it cannot be told. Problems are hashes without such a reason,
    dependencies that are not there, circles, and one hash with several contents.

    \b
    Example:
      cachegraph verify --exit-code
    """
    with Graph(store) as graph:
        answer = graph.verify()
        show_answer(answer, **output)
    if exit_code and answer["problems"]:
        ctx.exit(1)


@cli.command(params=[*OUTPUT])
@click.argument("uri", metavar="URI")
@click.option("--replace", is_flag=True, help="First take out what cachegraph has put there.")
@click.option("--yes", is_flag=True, help="Do not ask before taking out.")
def load(uri: str, *, replace: bool, yes: bool, store: str, **output: Any) -> None:
    """Copy the graph into Neo4j, where the Neo4j Browser and Cypher see it.

    To what is there: nothing that others have put into the database is touched. A copy that was
    stopped, by you or by the server, goes on when the same command is run again. User and password
    are NEO4J_USERNAME and NEO4J_PASSWORD, or are in the file that NEO4J_CREDENTIALS names.

    \b
    Example:
      cachegraph load neo4j://localhost
    """
    if replace and not yes:
        click.confirm(f"Take all nodes of cachegraph out of {uri}?", abort=True, err=True)
    with Graph(store) as graph:
        show_answer(graph.load(uri, replace=replace, progress=_copying), **output)


def _copying(steps: Any, length: int) -> Iterator[int]:
    if not sys.stderr.isatty():
        yield from steps
        return
    with click.progressbar(length=length, label="Loading", file=sys.stderr) as bar:
        for count in steps:
            bar.update(count)
            yield count


@cli.command(params=[STORE])
@click.argument("path", metavar="FILE|FOLDER", type=click.Path())
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="[default: what the name ends in]"
)
def export(path: str, form: str | None, store: str) -> None:
    """Write the whole graph to FILE.graphml, or compressed to FILE.graphml.gz.

    The file opens in NetworkX, igraph and Gephi, and is a store itself. With --format neo4j-admin
    a new folder of CSV, and the two scripts that make a Neo4j database of it.

    \b
    Example:
      cachegraph export graph.graphml
      cachegraph stats --store graph.graphml
      cachegraph export graph --format neo4j-admin
    """
    with Graph(store) as graph:
        count = graph.export(path, form)
    click.echo(f"{count} nodes and relationships are in {path}", err=True)
    if form == "neo4j-admin":
        from shlex import quote

        click.echo(f"Next, with Neo4j stopped: sh {quote(f'{path}/import.sh')}", err=True)
        click.echo(f"Then start it: cypher-shell -f {quote(f'{path}/after.cypher')}", err=True)


def main() -> None:
    """Runs the command line and ends the process: 0 answered, 1 found, 2 trouble."""
    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Aborted.", err=True)
        status = 130
    except BrokenPipeError:
        # Whoever read the answer has enough of it.
        status = 0
        sys.stdout = None  # nothing more can be written
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    # Taking the interpreter down in order is a seventh of a question's time, and serves nothing.
    os._exit(status if isinstance(status, int) else 0)
