"""What a net may be given, and the messages about all else."""

import pytest
import torch
from passing_nets import inputs, net

import exnet
from exnet.source import ExnetError

GRID = """
exnet g
input  image[2, 3] : patch[2, 2]
output y           : class[4]
space  primary = 6, complementary = 5
root   tree(flatten(image))
"""


def test_one_input_is_a_tensor_or_a_dict() -> None:
    made = net("tree")
    x = inputs(made, 3)
    assert torch.equal(made.up(x), made.up(x["x"]))


def test_leaves_as_a_grid_and_values_in_their_sizes() -> None:
    made = exnet.build(GRID, dtype=torch.float64)
    x = torch.randn(5, 6, 4, dtype=torch.float64)
    flat = made(x)
    for shape in ((5, 2, 3, 4), (5, 6, 2, 2), (5, 2, 3, 2, 2)):
        assert torch.equal(made(x.reshape(shape)), flat)


def test_whole_images_are_answered_with_the_cut_into_patches() -> None:
    """The cut that the message offers is the one that data sets are laid by."""
    made = exnet.build(GRID, dtype=torch.float64)
    images = torch.arange(2 * 4 * 6, dtype=torch.float64).view(2, 4, 6)
    with pytest.raises(ExnetError) as caught:
        made(images)
    assert "`x.unfold(1, 2, 2).unfold(2, 2, 2)`" in caught.value.hint
    patches = images.unfold(1, 2, 2).unfold(2, 2, 2)
    assert patches[0, 0, 1].flatten().tolist() == [2, 3, 8, 9]
    assert made(patches).shape == (2, 4)


def test_images_are_cut_into_overlapping_patches() -> None:
    """2 x 3 patches of 3 x 2 pixels every 2 rows and 1 column: images of 5 x 4."""
    made = exnet.build(GRID.replace("patch[2, 2]", "patch[3, 2, 2, 1]"), dtype=torch.float64)
    images = torch.arange(2 * 5 * 4, dtype=torch.float64).view(2, 5, 4)
    with pytest.raises(ExnetError) as caught:
        made(images)
    assert "`x.unfold(1, 3, 2).unfold(2, 2, 1)`" in caught.value.hint
    patches = images.unfold(1, 3, 2).unfold(2, 2, 1)
    assert patches[0, 1, 2].flatten().tolist() == [10, 11, 14, 15, 18, 19]
    assert made(patches).shape == (2, 4)


def test_one_patch_without_a_grid_gets_the_shape_it_wants() -> None:
    made = exnet.build("exnet t\ninput x : patch[2, 3]\noutput y : class[2]\nvertex r = (x)\nroot r\n")
    with pytest.raises(ExnetError, match=r"takes \[B, 1, 6\]") as caught:
        made(torch.zeros(4, 2, 2))
    assert caught.value.code == "EXN610"


def test_other_types_of_numbers_are_converted() -> None:
    made = net("tree")
    x = torch.randint(0, 255, (2, 7, 3))
    assert torch.equal(made(x), made(x.double()))


def test_width_one_needs_no_axis() -> None:
    made = exnet.build("exnet w\ninput x[4] : real[1]\noutput y : class[2]\nroot tree(x)\n")
    assert made(torch.zeros(3, 4, 1)).shape == (3, 2)


@pytest.mark.parametrize(
    ("x", "code"),
    [
        (torch.zeros(2, 7, 4), "EXN610"),
        (torch.zeros(2, 21), "EXN610"),
        (torch.zeros(7, 3), "EXN610"),
        (torch.zeros(2, 7, 3, dtype=torch.bool), "EXN610"),
        (torch.zeros(2, 7, 3, dtype=torch.complex64), "EXN610"),
        ([[0.0] * 3] * 7, "EXN610"),
        ({"z": torch.zeros(2, 7, 3)}, "EXN610"),
        ({}, "EXN610"),
        (torch.full((2, 7, 3), torch.nan), "EXN611"),
        (torch.full((2, 7, 3), -torch.inf), "EXN611"),
    ],
)
def test_numbers_that_do_not_fit(x: object, code: str) -> None:
    made = net("tree")
    for call in (made, made.up, made.local_predictions, made.data):
        with pytest.raises(ExnetError) as caught:
            call(x)
        assert caught.value.code == code
        assert caught.value.hint


@pytest.mark.parametrize(
    ("t", "code"),
    [
        (torch.tensor([[0, 7]]), "EXN612"),
        (torch.tensor([[-1, 0]]), "EXN612"),
        (torch.tensor([[0.0, 1.0]]), "EXN610"),
        (torch.tensor([[0, 1, 2]]), "EXN610"),
        (torch.tensor([[0, 1], [0, 1]]), "EXN610"),
    ],
)
def test_integers_that_do_not_fit(t: torch.Tensor, code: str) -> None:
    made = net("mixed")
    with pytest.raises(ExnetError) as caught:
        made({"x": torch.zeros(1, 5, 3), "t": t})
    assert caught.value.code == code


def test_all_integers_in_range_fit() -> None:
    made = net("mixed")
    made({"x": torch.zeros(1, 5, 3), "t": torch.tensor([[0, 6]])})
    made({"x": torch.zeros(1, 5, 3), "t": torch.tensor([[[0], [6]]], dtype=torch.uint8)})


def test_several_inputs_come_by_name() -> None:
    made = net("mixed")
    with pytest.raises(ExnetError) as caught:
        made(torch.zeros(1, 5, 3))
    assert "2 inputs" in str(caught.value)
    with pytest.raises(ExnetError) as caught:
        made({"x": torch.zeros(1, 5, 3), "tt": torch.tensor([[0, 1]])})
    assert caught.value.hint == "did you mean `t`?"
