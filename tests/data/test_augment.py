import numpy as np
import pytest
import torch

import exnet
from exnet import data
from exnet.data import Dataset, Part
from exnet.data.augment import Augment
from exnet.learn.batches import Batches
from exnet.source import ExnetError

IMAGES = np.random.default_rng(0).integers(1, 9, (40, 5, 6))
ROWS = np.arange(40)


def changed(augment: Augment, seed: int = 0, step: int = 0, rows: np.ndarray = ROWS) -> np.ndarray:
    part = Part({"image": IMAGES[rows]}, {"y": rows})
    return augment.apply(part, seed, step, rows).inputs["image"]


def shifted(image: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """Pixel by pixel, as the equation says."""
    height, width = image.shape
    made = np.zeros_like(image)
    for i in range(height):
        for j in range(width):
            if 0 <= i + dy < height and 0 <= j + dx < width:
                made[i, j] = image[i + dy, j + dx]
    return made


def test_every_image_is_a_shift_of_itself() -> None:
    seen = set[tuple[int, int]]()
    for image, made in zip(IMAGES, changed(Augment(shift=1)), strict=True):
        ways = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (shifted(image, y, x) == made).all()]
        assert len(ways) == 1
        seen.add(ways[0])
    assert len(seen) == 9


def test_half_of_the_images_are_mirrored() -> None:
    made = changed(Augment(flip=True))
    mirrored = [bool((m == image[:, ::-1]).all()) for m, image in zip(made, IMAGES, strict=True)]
    kept = [bool((m == image).all()) for m, image in zip(made, IMAGES, strict=True)]
    assert [a or b for a, b in zip(mirrored, kept, strict=True)] == [True] * 40
    assert 10 <= sum(mirrored) <= 30


def test_changes_are_functions_of_seed_step_and_instance() -> None:
    augment = Augment(shift=2, flip=True)
    first = changed(augment, 3, 5)
    np.testing.assert_array_equal(changed(augment, 3, 5, ROWS[::-1]), first[::-1])
    np.testing.assert_array_equal(changed(augment, 3, 5, ROWS[7:9]), first[7:9])
    assert (changed(augment, 4, 5) != first).any()
    assert (changed(augment, 3, 6) != first).any()


def test_what_is_no_image_stays() -> None:
    part = Part({"image": IMAGES, "more": ROWS[:, None]}, {"y": ROWS})
    made = Augment(shift=1).apply(part, 0, 0, ROWS)
    np.testing.assert_array_equal(made.inputs["more"], ROWS[:, None])
    assert made.targets is part.targets


SPEC = exnet.parse("exnet t input x[2, 2] : patch[4, 4] output y : class[10] vertex v = (x[0, 0], x[1, 1]) root v")


def test_only_training_batches_are_changed() -> None:
    plain = data.fit(SPEC, data.load("digits"))
    fitted = data.fit(SPEC, data.load("digits(shift: 1)"), validation=0.1)
    np.testing.assert_array_equal(fitted.test.targets["y"], plain.test.targets["y"])
    scale, other = fitted.scales["x"], plain.scales["x"]
    np.testing.assert_allclose(scale.undo(fitted.test.inputs["x"]), other.undo(plain.test.inputs["x"]), atol=1e-4)
    batches = Batches(fitted, 100, 0, torch.device("cpu"))
    assert isinstance(fitted.train, Part)
    first, second = list(batches.epoch(0)), list(batches.epoch(1))
    assert sorted(torch.cat([b.instances for b in first]).tolist()) == list(range(len(fitted.train)))
    for batch in first:
        rows = batch.instances.numpy()
        np.testing.assert_array_equal(batch.y["y"].numpy(), fitted.train.targets["y"][rows])
    by_instance = [
        {int(i): x for b in epoch for i, x in zip(b.instances, b.x["x"], strict=True)} for epoch in (first, second)
    ]
    same = sum(torch.equal(by_instance[0][i], by_instance[1][i]) for i in by_instance[0])
    assert same < 0.2 * len(by_instance[0])
    again = list(batches.epoch(0))
    assert all(torch.equal(a.x["x"], b.x["x"]) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(("name", "says"), [("digits(shift: 8)", "8 x 8"), ("digits(shift: -1)", "`shift: -1`")])
def test_shifts_that_leave_nothing(name: str, says: str) -> None:
    with pytest.raises(ExnetError) as caught:
        data.fit(SPEC, data.load(name))
    assert caught.value.code == "EXN655"
    assert says in str(caught.value)


def test_tables_cannot_be_shifted() -> None:
    spec = exnet.parse("exnet t input x[2] : real[1] output y : class[2] vertex v = (x[0], x[1]) root v")
    part = Part({"x": np.zeros((4, 2))}, {"y": np.array([0, 1, 0, 1])})
    with pytest.raises(ExnetError) as caught:
        data.fit(spec, Dataset("t", part, part, {"y": 2}, augment=Augment(flip=True)))
    assert caught.value.code == "EXN655"
