"""Files in the place of stacks: read in memory, compared with a store, and saved nowhere."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.analysis.selection.scope import default_releases
from cachegraph.errors import FetchError, UsageError, shortened
from cachegraph.file_names import GIT, AnyQuestion, is_in_git, stack_fields, stack_names
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import RELEASE
from cachegraph.model.stack_key import StackKey
from cachegraph.stores import Store

if TYPE_CHECKING:
    from pathlib import Path

_LOCK = "spack.lock"
_TOP = "top"
"""The name of the stack whose lock file is not in a folder of the revision."""
_SEVERAL = "name one lock file, or import them and compare stacks"


class FileStack(NamedTuple):
    """A file that stands for a stack: how it was written, and the key of the stack.

    Where releases may be named, a folder of several lock files, or a revision of git, stands for a
    release, whose name is the key.
    """

    text: str
    key: StackKey
    may_be_release: bool


def file_stacks(names: Iterable[tuple[str, bool]]) -> dict[str, FileStack]:
    """The stacks that files stand for, by the names of these; with each whether it may be more."""
    return {text: FileStack(text, _key(text), may_be_release) for text, may_be_release in names}


def _key(text: str) -> StackKey:
    """The key of the stack of a file: its path, in which nothing is a pattern."""
    name = text.rstrip("/\\").replace("\\", "/")
    for wild in "*?[":
        name = name.replace(wild, "_")
    return StackKey.parse(name if "/" in name else f"./{name}")


@contextmanager
def stores_with_files(
    question: AnyQuestion, files: dict[str, FileStack], store_of: Callable[[], Store]
) -> Iterator[tuple[AnyQuestion, Store, list[str]]]:
    """A question of stacks instead of files, a store that has them, and warnings of reading.

    The store has the files alone if the question is about nothing else.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="cachegraph-") as folder:
        is_alone = not _needs_store(question, files)
        store = _new_store() if is_alone else _copy(store_of(), Path(folder))
        try:
            asked = _renamed(question, files, store)
            warnings = [*_read_all(store, files.values())]
            yield asked, store, warnings
        finally:
            store.close()


def _needs_store(question: AnyQuestion, files: dict[str, FileStack]) -> bool:
    """Whether it is about stacks of the store, too."""
    given = question.given()
    if given.get("release") or given.get("all_releases") or question.compares_with_others:
        return True
    return any(text not in files for text, _ in stack_names(question))


def _renamed(question: AnyQuestion, files: dict[str, FileStack], store: SpecGraph) -> AnyQuestion:
    """The question with the keys of stacks for the names of files."""
    given = question.given()
    for name, _ in stack_fields(type(question)):
        value = given.get(name)
        if isinstance(value, str):
            given[name] = str(files[value].key) if value in files else value
        elif value:
            given[name] = tuple(str(files[text].key) if text in files else text for text in value)
    is_asked_of_all = not (given.get("release") or given.get("all_releases") or given.get("stacks"))
    if question.compares_with_others and is_asked_of_all:
        # Its own release has nothing else: it is compared with what is asked about by default.
        given |= {"release": default_releases(store)} if default_releases(store) else {}
        given |= {} if given.get("release") else {"all_releases": True}
    return type(question)(**given)


def _new_store() -> Store:
    from cachegraph.stores.networkx import NetworkXStore

    return NetworkXStore()


def _copy(store: Store, folder: "Path") -> Store:
    """A copy of a store that may be added to; of a file store a file, of any other in memory."""
    from cachegraph.stores.file.store import FileStore

    if isinstance(store, FileStore):
        with store.snapshot():
            store.database.copy_to(str(folder / "graph.db"))
        return FileStore(str(folder / "graph.db"), write=True)
    copy = _new_store()
    with store.snapshot():
        copy.load(store.elements())
    return copy


@contextmanager
def local_file(location: str | os.PathLike[str]) -> Iterator[str]:
    """Where a location can be read; what is in git is in a file, or a folder, for so long."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    text = os.fspath(location)
    if not is_in_git(text):
        yield str(Path(text).expanduser()) if text.startswith("~/") else text
        return
    with TemporaryDirectory(prefix="cachegraph-") as folder:
        yield str(write_from_git(text, Path(folder)))


def _read_all(store: Store, files: Iterable[FileStack]) -> Iterator[str]:
    """Reads files into a store as stacks; yields what could not be read of them."""
    from cachegraph.importing.importer import import_into
    from cachegraph.model.elements import Nodes

    for file in files:
        with _read_errors(file.text), local_file(file.text) as path:
            stacks = [*_stacks_at(path, file)]
            if not stacks:
                # A release without stacks: the side of a comparison before there was any.
                with store.writing():
                    store.load([Nodes.of(RELEASE, [str(file.key)], {})])
                yield f"{file.text}: there is no {_LOCK}"
            for place, key in stacks:
                found = import_into(store, [place], release=key.release, stack=key.name)
                if len(found.sources) > 1:
                    count = len(found.sources)
                    message = f"{file.text}: {count} documents, and a stack is one"
                    raise UsageError(message, _SEVERAL)
                yield from (text.replace(path, file.text) for text in found.warnings)


@contextmanager
def _read_errors(text: str) -> Iterator[None]:
    """Turns what the system says of a path into a FetchError."""
    try:
        yield
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "no path"
        raise FetchError(f"{shortened(text, 200)}: {reason}", "check the spelling") from exc


def _stacks_at(path: str, file: FileStack) -> Iterator[tuple[str, StackKey]]:
    """The file, or that of an environment; of a folder of environments each with its key.

    FetchError if a folder that must be an environment is none.
    """
    from pathlib import Path

    folder = Path(path)
    is_revision = is_in_git(file.text) and file.text.count(":") == 1
    if not folder.is_dir():
        yield path, file.key
    elif (folder / _LOCK).exists() and not is_revision:
        yield str(folder / _LOCK), file.key
    elif not file.may_be_release:
        raise FetchError(f"{file.text}: there is no {_LOCK} in it", "name a lock file")
    else:
        # Not through all folders below: the name may have been meant otherwise.
        depths = ["**"] if is_in_git(file.text) else ["", "*", "*/*", "*/*/*"]
        locks = {lock for depth in depths for lock in folder.glob(f"{depth}/{_LOCK}".lstrip("/"))}
        for lock in sorted(locks):
            name = lock.parent.relative_to(folder).as_posix().replace("/", "-")
            yield str(lock), StackKey(str(file.key), _TOP if name == "." else name)


def write_from_git(text: str, folder: "Path") -> "Path":
    """Writes ``git:REV:PATH``, or all lock files of ``git:REV``, below a folder; where it is.

    Of a path that is a folder it is all lock files below it. FetchError as git says.
    """
    revision, colon, path = text.removeprefix(GIT).partition(":")
    if not revision or revision.startswith("-") or (colon and not path):
        raise UsageError(f"{text}: not a file in git", "write git:REVISION:PATH")
    is_file = bool(path) and _git(["cat-file", "-t", f"{revision}:{path}"], text) == b"blob\n"
    if is_file:
        target = folder / _key(text).name
        target.write_bytes(_git(["cat-file", "blob", f"{revision}:{path}"], text))
        return target
    base = f"{path.strip('/')}/" if path else ""
    listed = _git(["ls-tree", "-r", "-z", "--name-only", f"{revision}:{base.rstrip('/')}"], text)
    names = listed.decode(errors="surrogateescape").split("\0")
    for name in names:
        if name.rpartition("/")[2] != _LOCK or ".." in name.split("/"):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_git(["cat-file", "blob", f"{revision}:{base}{name}"], text))
    return folder


def _git(words: Sequence[str], what: str) -> bytes:
    """What a git command prints; FetchError with the first line of what it complains of."""
    import subprocess

    command = ["git", "-c", "core.quotepath=off", "--no-pager", *words]
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
        )
    except OSError as exc:
        raise FetchError(f"{what}: git cannot be run: {exc.strerror}", "install git") from exc
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise FetchError(f"{what}: {said}", "check the revision and the path: git ls-tree")
    return done.stdout
