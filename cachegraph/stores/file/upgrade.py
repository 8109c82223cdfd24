"""Brings a store of an earlier version to the newest one, in one transaction."""

from contextlib import closing
from typing import TypedDict

from cachegraph.model.elements import Nodes
from cachegraph.stores.file.database import Notify, check_exists, empty_file
from cachegraph.stores.file.store import FileStore
from cachegraph.stores.file.version_2 import OlderDatabase, OlderElements

_AT_ONCE = 1 << 20  # nodes and relationships


class UpgradeAnswer(TypedDict):
    """The version of the store before and now: equal if there was nothing to do."""

    question: str
    store: str
    version_before: int
    version: int


class _OlderStore(FileStore):
    """A store to write to that may be of version 2."""

    database_type = OlderDatabase
    database: OlderDatabase


def upgrade(path: str, wait: float, notify: Notify) -> UpgradeAnswer:
    """Writes the graph of an older store anew into the same file: all of it, or nothing.

    Waits up to ``wait`` seconds for other processes that write, and calls ``notify`` with a message
    before. StoreError if the file has no store, a damaged one, or one of a newer version.
    """
    check_exists(path)
    with closing(_OlderStore(path, write=True, wait=wait, notify=notify)) as store:
        database = store.database
        before = database.version
        if not (database.has_tables or database.is_older):
            raise empty_file(path)
        with store.writing():
            if database.is_older:  # still: another process may have done it
                _write_anew(store)
        database.make_compact()
        return UpgradeAnswer(
            question="upgrade", store=path, version_before=before, version=database.version
        )


def _write_anew(store: _OlderStore) -> None:
    """Copies the graph from the tables of version 2, and deletes these."""
    count = 0
    for element in OlderElements(store.database):
        store.load([element])
        count += len(element.keys if isinstance(element, Nodes) else element.starts)
        if count > _AT_ONCE:
            store.flush()
            count = 0
    store.database.drop_older()
