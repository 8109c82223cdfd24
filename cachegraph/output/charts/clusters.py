"""An order of things in which those that are alike lie together."""

from collections.abc import Sequence


def clustered(likeness: Sequence[Sequence[float]]) -> list[int]:
    """The places of the rows of a symmetric matrix, the most alike next to each other.

    Rows are joined, the two groups of the greatest average likeness first; of two groups that are
    joined, the ends that are most alike come together.
    """
    groups: dict[int, list[int]] = {place: [place] for place in range(len(likeness))}
    average = {
        (left, right): likeness[left][right] for left in groups for right in groups if left < right
    }
    while average:
        # Of pairs that are equally alike the first: the order is the same each time.
        first, second = max(average, key=lambda pair: (average[pair], -pair[0], -pair[1]))
        one, other = groups[first], groups.pop(second)
        for third in groups:
            if third != first:
                near, far = _pair(third, first), _pair(third, second)
                total = average[near] * len(one) + average.pop(far) * len(other)
                average[near] = total / (len(one) + len(other))
        del average[first, second]
        ways = [(one, other), (one, other[::-1]), (one[::-1], other), (one[::-1], other[::-1])]
        left, right = max(ways, key=lambda way: likeness[way[0][-1]][way[1][0]])
        groups[first] = left + right
    return next(iter(groups.values()), [])


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
