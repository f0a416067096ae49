"""Did you mean: the nearest of a set of names."""

from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[str], limit: int = 3) -> str | None:
    """The candidate with the smallest edit distance to `name`, if that is near enough to be meant.

    Distance counts insertions, deletions, replacements and swaps of neighbours. It must be at most `limit` and at
    most a third of the length of the longer name, rounded up. Ties go to the alphabetically first candidate.
    """
    best: tuple[int, str] | None = None
    for candidate in sorted(set(candidates)):
        allowed = min(limit, -(-max(len(name), len(candidate)) // 3))
        if candidate == name or abs(len(candidate) - len(name)) > allowed:
            continue
        distance = edit_distance(name.lower(), candidate.lower())
        if distance <= allowed and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else None


def edit_distance(a: str, b: str) -> int:
    """The Damerau-Levenshtein distance (neighbours may be swapped, restricted form). O(len(a) * len(b))."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]
