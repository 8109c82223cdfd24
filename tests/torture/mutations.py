"""Changes documents at random: their values, or their bytes."""

import copy
import random
from collections.abc import Iterator
from typing import Any

Place = tuple[Any, ...]

_DEEPEST = 20


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 10**30, -(10**400), float("nan"), float("inf")),
    *("", " ", "x", "\0", "\x1f", "\x1b[31m", "\u202e", "\ud800", "\U0001f600", "x" * 100_000),
    *("A" * 32, "a/b", "..", "=x", "@", "none", "-", "gcc@", "gcc@=", "@1", "\n", "a,b", "a\tb"),
    *([], [[]], [None], [""], ["x"], [1], [{}], {}, {"": ""}, {"name": None}, {"x": {"y": []}}),
    *(_nested(100), _nested(260), _nested(500), _nested(900)),
)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """The places of all values within a value, itself among them."""
    yield place
    if isinstance(value, dict | list) and len(place) < _DEEPEST:
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*place, key))


def at(value: Any, place: Place) -> Any:
    """The value at a place."""
    for key in place:
        value = value[key]
    return value


def changed(value: Any, place: Place, rng: random.Random, *, replace: bool = False) -> Any:
    """A copy with something else at a place, or with ``replace`` another value."""
    if not place:
        return rng.choice(ODD)
    value, key = copy.copy(value), place[-1]
    parent = value
    for name in place[:-1]:
        parent[name] = copy.copy(parent[name])
        parent = parent[name]
    kind = 4 if replace else rng.randrange(5)
    if kind == 0 and isinstance(parent, dict):
        del parent[key]
    elif kind == 1 and isinstance(parent, dict):
        items = [(rng.choice(KEYS) if name == key else name, one) for name, one in parent.items()]
        parent.clear()
        parent.update(items)
    elif kind == 2 and isinstance(parent, list):
        parent.insert(key, rng.choice(ODD))
    elif kind == 3 and isinstance(parent, dict):
        parent[rng.choice(KEYS)] = rng.choice(ODD)
    else:
        parent[key] = rng.choice(ODD)
    return value


KEYS = ("", "x", "name", "hash", "versions", "concrete", "build_spec", "external", "\ud800", "\0")


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The bytes with a part cut, doubled, swapped, overwritten, or flipped."""
    first, last = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    last = min(last, first + rng.choice((1, 4, 40, 1000)))
    part = data[first:last]
    replaced = {
        0: b"",
        1: part * 2,
        2: part[::-1],
        3: rng.randbytes(len(part)),
        4: bytes(byte ^ 1 << rng.randrange(8) for byte in part[:1]) + part[1:],
        5: rng.choice((b"\0", b"\xff", b'"', b"{", b"]", b"\\u0000", b"NaN", b"!!int ", b"&a ")),
    }
    kind = rng.randrange(8)
    if kind == 6:
        return data[:first]
    if kind == 7:
        return data[first:]
    return data[:first] + replaced[kind] + data[last:]
