"""The command that writes bills of materials."""

import json

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, files, names_in_store
from cachegraph.console.streams import say, write
from cachegraph.model.schema import RELEASE, SPEC, STACK
from cachegraph.questions.parameters import RELEASE_HELP
from cachegraph.sbom import FORMATS


@click.command("sbom", params=[STORE])
@click.argument("name", metavar="STACK|SPEC", shell_complete=names_in_store(STACK, SPEC))
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(), shell_complete=files)
@click.option(
    "--format",
    type=click.Choice([*FORMATS]),
    help="Form of the bill. [default: by the name's ending, else cyclonedx]",
)
@click.option(
    "--release",
    metavar="NAME",
    multiple=True,
    help=RELEASE_HELP,
    shell_complete=names_in_store(RELEASE),
)
@click.option(
    "--timestamp",
    metavar="TIME",
    help="Time that the bill is of. [default: $SOURCE_DATE_EPOCH, else none]",
)
def sbom_command(
    name: str,
    path: str | None,
    *,
    format: str | None,  # noqa: A002  # as the option is named
    release: tuple[str, ...],
    timestamp: str | None,
    store: str,
) -> None:
    """Write the bill of materials of a stack or a spec.

    It lists all specs of the stack, or the spec, and all that these depend on, with package URLs,
    DAG hashes and the types of dependencies: as CycloneDX 1.6 or SPDX 2.3, in JSON. A name that
    ends in .cdx.json or .spdx.json tells the form. The same contents give the same file: it has no
    random number, and no time unless one is given; SPDX has to have one, and gets that of 1970. It
    needs the extra sbom.

    \b
    Examples:
      cachegraph sbom e4s-24.11/gcc-cpu
      cachegraph sbom conduit conduit.spdx.json
    """
    with Graph(store) as graph:
        made = graph.sbom(name, path, format=format, release=release, timestamp=timestamp)
    if path is None:
        write([json.dumps(made, indent=2), "\n"])
    else:
        say(f"The bill of materials is in {path}")
