"""Crafts stores whose checksums are right and whose contents are not: an answer or an error each.

    python -m tests.torture.craft [--seed 1] [--seconds 60]

A file store gets other bytes in a block, or other numbers in the lists of neighbours and the sets
of nodes, sealed anew; an exported GraphML file other text. What is asked may be answered, since
nobody knows what would be right, but nothing other than a CacheGraphError may be raised, and
nothing may take long.
"""

import random
import re
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import cachegraph
from cachegraph.errors import CacheGraphError
from cachegraph.model.schema import RELATIONSHIP_TYPES, SPEC
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.database import Database
from cachegraph.stores.file.id_sets import IdSet, decode
from cachegraph.stores.file.keys import KEY_BITS
from cachegraph.stores.file.packing import (
    decode as decode_columns,
)
from cachegraph.stores.file.packing import (
    encode,
    join_parts,
    pack,
    pack_texts,
    split_parts,
    unpack,
    unpack_texts,
)
from tests.torture import parser
from tests.torture.damage import LOCKS, Ask, questions, versions_of_a_store

SLOW = 20.0  # seconds, for one question of a store of a few hundred specs
NUMBERS = (0, 1, 255, 256, 65535, 1 << 31, (1 << 32) - 1, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)
TEXTS = ("", "x", "[]", "[[]]", "null", "[" * 3000, "1" * 5000, "\0", "-", "é\U0010ffff", '{"a":1}')
LITERALS = (*TEXTS, "true", "1e999", "nan", "[1]", "[null]", "Spec:x", "/", "a/b", "Package")


class Fault(NamedTuple):
    """What went wrong: the crafted store by its number, the question, and how."""

    number: int
    question: str
    detail: str


def other_numbers(data: bytes, chance: random.Random) -> bytes:
    """Packed numbers, some of which are others that occur, 0 or large."""
    numbers = [*unpack(memoryview(data))] or [0]
    for _ in range(chance.randrange(1, 1 + len(numbers))):
        numbers[chance.randrange(len(numbers))] = chance.choice((*numbers[:50], *NUMBERS[:3]))
    if chance.random() < 0.2:
        numbers[chance.randrange(len(numbers))] = chance.choice(NUMBERS)
    return pack(numbers)


def other_texts(data: bytes, chance: random.Random) -> bytes:
    """Packed texts, some of which are others, or none."""
    texts = unpack_texts(data)
    for _ in range(chance.randrange(1, 1 + len(texts))):
        texts[chance.randrange(len(texts))] = chance.choice((*texts[:50], *TEXTS, None))
    return pack_texts(texts)


def other_parts(data: bytes, chance: random.Random) -> bytes:
    """Joined parts, one of which is other numbers or texts, or another part."""
    parts = [*map(bytes, split_parts(memoryview(data)))]
    place = chance.randrange(len(parts))
    parts[place] = other_bytes(parts[place], chance)
    if chance.random() < 0.2:
        chance.shuffle(parts)
    return join_parts(parts)


def other_bytes(data: bytes, chance: random.Random) -> bytes:  # a table
    """Bytes of a block, changed so that most of them can still be read."""
    if chance.random() < 0.1:
        place = chance.randrange(len(data))
        return data[:place] + chance.randbytes(chance.randrange(1, 4)) + data[place + 1 :]
    if chance.random() < 0.1:
        return b"j" + chance.choice(LITERALS).encode()
    form, rest = data[:1], data[1:]
    if form in (b"B", b"H", b"I", b"Q"):
        return other_numbers(data, chance)
    if form in (b"t", b"j"):
        return other_texts(data, chance)
    if form == b"n":
        return form + other_numbers(rest, chance)
    is_set = form == b"b" and len(data) < 400
    return data + chance.randbytes(3) if is_set else other_parts(data, chance)


def crafted_file(path: Path, whole: bytes, chance: random.Random) -> None:
    """A file store in which a few blocks have other bytes, or are gone."""
    path.write_bytes(whole)
    with closing(Database(str(path), write=True)) as database, database.transaction(0, print):
        blocks = Blocks(database)
        areas = sorted(blocks._root)
        for area in chance.sample(areas, chance.randrange(1, 9)):
            directory = blocks.directory(area)
            if not len(directory.numbers):
                continue
            number = chance.choice([*directory.numbers])
            if chance.random() < 0.1:
                blocks.delete(area, [number])
                continue
            data = other_bytes(blocks.read(area, number), chance)
            if chance.random() < 0.1:
                number = chance.choice(NUMBERS) & (1 << 63) - 2
            blocks.write(area, [(number, chance.choice((directory.sizes[0], *NUMBERS)), data)])
        blocks.seal()


def other_relationships(path: Path, whole: bytes, chance: random.Random) -> None:
    """A file store in which a few blocks of relationships have other numbers in the same form."""
    path.write_bytes(whole)
    with closing(Database(str(path), write=True)) as database, database.transaction(0, print):
        blocks = Blocks(database)
        for _ in range(chance.choice((1, 3, 30))):
            type_ = chance.choice(RELATIONSHIP_TYPES)
            if type_.same_label:
                other_neighbours(blocks, f"{type_.name} {chance.choice(('out', 'in'))}", chance)
            else:
                other_starts(blocks, type_.name, chance)
        blocks.seal()


def wrong_ids(blocks: Blocks, chance: random.Random) -> list[int]:
    """Ids at and after the end of the specs, and some of specs and texts."""
    end = len(blocks.directory(f"{SPEC.label} keys").numbers) << KEY_BITS
    return [end - 1, end, end + 1, end * 2, *NUMBERS[:7], chance.randrange(end)]


def other_neighbours(blocks: Blocks, area: str, chance: random.Random) -> None:
    """A block of neighbours in which numbers of one column are others."""
    directory = blocks.directory(area)
    if not len(directory.numbers):
        return
    number = chance.choice([*directory.numbers])
    columns = [[*column] for column in decode_columns(blocks.read(area, number))]
    size = directory.size(number)
    column = columns[chance.choice((0, 1, 1, 1, 2, 3))]
    for _ in range(chance.choice((1, 1, 5, 30)) if column else 0):
        wrong = chance.choice((*wrong_ids(blocks, chance), *column[:50]))
        column[chance.randrange(len(column))] = wrong
    if chance.random() < 0.1:
        number = chance.choice((number + 1, *NUMBERS[:8]))
    blocks.write(area, [(number, size, encode(*columns))])


def other_starts(blocks: Blocks, area: str, chance: random.Random) -> None:
    """A set of starts with others, or under the number of another end or text."""
    directory = blocks.directory(area)
    if not len(directory.numbers):
        return
    number = chance.choice([*directory.numbers])
    starts = {*decode(blocks.read(area, number), 1 << 32)}
    if chance.random() < 0.6:
        starts |= {chance.choice(wrong_ids(blocks, chance)[:6])}
    data = IdSet(starts).encode() if max(starts) < 1 << 20 else b"n" + pack([*starts])
    if chance.random() < 0.3:
        end, text = (chance.choice(wrong_ids(blocks, chance)[:10]) for _ in range(2))
        number = chance.choice(((end << 32) + (number & (1 << 32) - 1), number >> 32 << 32 | text))
        number &= (1 << 63) - 2
    blocks.write(area, [(number, chance.choice((len(starts), *NUMBERS[:5])), data)])


def crafted_graphml(path: Path, whole: str, chance: random.Random) -> None:
    """A GraphML file with other values, types, names, encodings and nests."""
    text = whole
    for _ in range(chance.randrange(1, 4)):
        match chance.randrange(7):
            case 0:
                kinds = [*re.finditer(r'attr\.type="(\w+)"', text)]
                one = chance.choice(kinds)
                other = chance.choice(("int", "long", "double", "boolean", "string", "x"))
                text = text[: one.start(1)] + other + text[one.end(1) :]
            case 1:
                encoding = chance.choice(("x", "UTF-16", "UTF-7", "idna", "hex", "cp037", "big5"))
                text = text.replace("UTF-8", encoding, 1)
            case 2:
                place = chance.randrange(len(text))
                text = text[:place] + "<data>" * 3000 + text[place:]
            case 3:
                place = chance.choice([m.start() for m in re.finditer(r"<(node|edge|data) ", text)])
                text = (
                    text[:place] + chance.choice(("<graph>", "<hyperedge/>", "<!--")) + text[place:]
                )
            case _:
                values = [
                    *re.finditer(r'>([^<>\n]+)</data>|(?:id|source|target|key)="([^"]+)"', text)
                ]
                one = chance.choice(values)
                group = 1 if one[1] is not None else 2
                text = (
                    text[: one.start(group)]
                    + chance.choice(LITERALS).translate({0: None, 0x22: None, 0x3C: None})
                    + text[one.end(group) :]
                )
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def more_questions(whole: cachegraph.Graph) -> dict[str, Ask]:
    """Questions that go along relationships in other ways, and changes."""
    stacks = [row["key"] for row in whole.stacks()["stacks"]]
    return {
        "verify": lambda graph: graph.verify(),
        "unique": lambda graph: graph.unique(stacks[0]),
        "diff": lambda graph: graph.diff(*stacks[:2]),
        "duplicates": lambda graph: graph.duplicates(),
        "deps": lambda graph: graph.deps("cmake", tree=True, deptypes=["build"]),
        "dependents by deptype": lambda graph: graph.dependents(
            "zlib-ng", transitive=True, deptypes=["link"]
        ),
        "path": lambda graph: graph.deps("cmake", path="zlib-ng"),
        "what-if": lambda graph: graph.what_if("cmake@3.27", best=1),
        "want": lambda graph: graph.want("hdf5@1.14"),
        "affected": lambda graph: graph.affected("zlib-ng"),
        "import": lambda graph: graph.import_(LOCKS / "e4s-24.11"),
        "import another": lambda graph: graph.import_(LOCKS / "ncar"),
        "remove": lambda graph: graph.remove(stacks[-1]),
    }


def torture(folder: Path, *, seed: int, seconds: float, most: int = 10**9) -> Iterator[Fault | int]:
    """Crafts stores until the time is over: the number of each, and the faults."""
    whole = versions_of_a_store(folder).last
    exported = folder / "whole.graphml"
    with cachegraph.open(folder / "small.db") as graph:
        graph.import_(LOCKS / "gmgpolar")
        graph.export(exported)
    with cachegraph.open(folder / "whole.db") as graph:
        asked = questions(graph) | more_questions(graph)
    text = exported.read_text(encoding="utf-8")
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until and number < most:
        chance = random.Random(f"{seed} {number}")
        if number % 4:
            path = folder / "crafted.db"
            craft = crafted_file if number % 4 == 1 else other_relationships
            craft(path, whole, chance)
        else:
            path = folder / "crafted.graphml"
            crafted_graphml(path, text, chance)
        yield number
        for name in chance.sample([*asked], 4):
            yield from _faults(number, path, name, asked[name])
        number += 1


def _faults(number: int, path: Path, name: str, ask: Ask) -> Iterator[Fault]:
    began = time.process_time()
    try:
        with cachegraph.open(path) as graph:
            ask(graph)
    except CacheGraphError:
        pass
    except Exception:  # whatever it is, it is a fault
        yield Fault(number, name, traceback.format_exc())
    if (taken := time.process_time() - began) > SLOW:
        yield Fault(number, name, f"took {taken:.0f} s")


def main() -> None:
    """Prints the faults; exits with 1 if there was one."""
    options = parser(__doc__).parse_args()
    crafted = 0
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for found in torture(Path(folder), seed=options.seed, seconds=options.seconds):
            if isinstance(found, int):
                crafted += 1
                continue
            kind = "\n".join(found.detail.splitlines()[-3:])
            kinds[kind] += 1
            if kinds[kind] == 1:
                print(found.number, found.question, "\n".join(found.detail.splitlines()[-9:]))
    print(f"{crafted} crafted stores, {sum(kinds.values())} faults of {len(kinds)} kinds")
    raise SystemExit(bool(kinds))


if __name__ == "__main__":
    main()
