"""Does work in a second thread, while the first one takes in what came of the work before."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


def ahead(do: Callable[[Work], Result], every: Iterable[Work]) -> Iterator[Result]:
    """The result for each piece of work, in order; the next one is under way at each.

    What one raises is raised in its place, and no more is done.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=1) as pool:
        before: Future[Result] | None = None
        for work in every:
            result = before.result() if before else None
            begun, before = before, pool.submit(do, work)
            if begun:
                yield result  # type: ignore[misc]  # of the one before
        if before:
            yield before.result()
