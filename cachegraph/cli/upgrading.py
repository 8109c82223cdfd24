"""The command that brings an older store to the newest version."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, Output, options_for
from cachegraph.console.streams import say
from cachegraph.output.store_tables import upgrade_tables


@click.command("upgrade", params=[STORE, *options_for(("store",))])
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for an import.")
def upgrade_command(*, wait: float, store: str, **output: Any) -> None:
    """Bring a store that an earlier cachegraph wrote to the newest version.

    Nothing has to be imported again. The file is changed in one transaction: if the command is
    killed, the store is as it was. A store of version 3 can be read without it.

    \b
    Examples:
      cachegraph upgrade
    """
    printed = Output(output)
    printed.show(Graph(store).upgrade(wait=wait, notify=say), upgrade_tables)
