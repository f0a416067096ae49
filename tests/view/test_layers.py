"""The layout by itself: rows, distances, frames, and what it refuses."""

import random

import pytest

from exnet.source import ExnetError
from exnet.view import layers
from exnet.view.layers import Edge, Gaps, Item, place, rows_of, straightened
from exnet.view.nesting import Arrow, Boxed, nest


def random_dag(seed: int) -> tuple[list[Item], list[Edge]]:
    rng = random.Random(seed)
    count = rng.randint(2, 14)
    items = [Item(rng.uniform(5, 60), rng.uniform(5, 90), rng.uniform(10, 60)) for _ in range(count)]
    pairs = {(a, b) for a in range(count) for b in range(a) if rng.random() < 0.3}
    label = (60.0, 30.0)
    return items, [Edge(a, b, label=label if rng.random() < 0.5 else None) for a, b in sorted(pairs)]


@pytest.mark.parametrize("seed", range(40))
def test_items_stand_apart_and_above_what_they_read(seed: int) -> None:
    items, edges = random_dag(seed)
    placed = place(items, edges)
    boxes = [(x - i.left, y, x + i.right, y + i.height) for i, (x, y) in zip(items, placed.places, strict=True)]
    for a, box in enumerate(boxes):
        assert box[0] >= -1e-6
        assert box[2] <= placed.width + 1e-6
        assert box[3] <= placed.height + 1e-6
        for other in boxes[:a]:
            same_row = box[1] < other[3] and other[1] < box[3]
            assert not same_row or box[0] >= other[2] + 27.9 or other[0] >= box[2] + 27.9
    for edge, route in zip(edges, placed.routes, strict=True):
        assert boxes[edge.above][3] <= boxes[edge.below][1]
        assert route[0].top == pytest.approx(boxes[edge.above][3])
        assert route[-1].bottom == pytest.approx(boxes[edge.below][1])
        assert sum(station.label for station in route) == (edge.label is not None)


def test_rows_are_longest_paths() -> None:
    items = [Item(1, 1, 1)] * 4
    assert rows_of(items, [Edge(3, 2), Edge(2, 0), Edge(3, 1)]) == [0, 0, 1, 2]
    with pytest.raises(ValueError, match="circle"):
        rows_of(items, [Edge(0, 1), Edge(1, 0)])


def test_a_tree_is_drawn_without_crossings() -> None:
    items = [Item(5, 5, 10)] * 15
    edges = [Edge(8 + i, 2 * i) for i in range(4)] + [Edge(8 + i, 2 * i + 1) for i in range(4)]
    edges += [Edge(12, 9), Edge(12, 8), Edge(13, 11), Edge(13, 10), Edge(14, 12), Edge(14, 13)]
    x = [x for x, _ in place(items, edges, Gaps(items=10)).places]
    assert x[:8] == sorted(x[:8])
    assert x[14] == pytest.approx((x[12] + x[13]) / 2, abs=1)
    assert x[12] == pytest.approx((x[8] + x[9]) / 2, abs=1)


def test_long_arrows_are_straight_where_they_may() -> None:
    assert straightened([0, 1, 2, 30, 31], [2] * 5) == [1, 1, 1, 30.5, 30.5]
    assert straightened([0, 1, 0], [2, 0, 2]) == [1, 1, 1]


def test_too_many_long_arrows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MOST_CUTS", 5)
    items = [Item(1, 1, 1)] * 6
    edges = [Edge(i + 1, i) for i in range(5)] + [Edge(5, 0)]
    assert place(items, edges).height > 0
    with pytest.raises(ExnetError, match="6 boxes in 6 rows") as caught:
        place(items, [*edges, Edge(4, 0)])
    assert caught.value.code == "EXN971"


@pytest.mark.parametrize("seed", range(40))
def test_frames_hold_their_boxes_and_no_others(seed: int) -> None:
    rng = random.Random(seed)
    paths = [(), ("a",), ("a", "b"), ("c",), ("a", "d"), ("c", "e")]
    count = rng.randint(3, 12)
    boxes = [
        Boxed(
            rng.choice(paths), rng.uniform(30, 90), rng.uniform(20, 50), rng.choice([0, 40]), (i, i + rng.randint(0, 3))
        )
        for i in range(count)
    ]
    arrows = [Arrow(a, b, (50, 20)) for a in range(count) for b in range(count) if a != b and rng.random() < 0.2]
    titles = {path[:depth]: 70.0 for path in (b.path for b in boxes) for depth in range(1, len(path) + 1)}
    found = nest(boxes, titles, arrows)
    assert sorted(found.boxes) == list(range(count))
    assert set(found.frames) == set(titles)
    assert sorted(found.courses) == list(range(len(arrows)))
    for number, (x, y, w, h) in found.boxes.items():
        for path, (left, top, wide, high) in found.frames.items():
            inside = left < x and x + w < left + wide and top < y and y + h < top + high
            outside = x + w <= left or left + wide <= x or y + h <= top or top + high <= y
            assert inside if boxes[number].path[: len(path)] == path else outside
    for number, course in found.courses.items():
        upper, lower = arrows[number].source, arrows[number].target
        if course.upwards:
            upper, lower = lower, upper
        x, y, w, h = found.boxes[upper]
        assert course.stations[0].top == pytest.approx(y + h)
        assert x <= course.stations[0].x <= x + w
        x, y, w, _ = found.boxes[lower]
        assert course.stations[-1].bottom == pytest.approx(y)
        assert x <= course.stations[-1].x <= x + w
