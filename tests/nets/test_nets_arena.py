"""One block serves every step: the same memory, no overlap, and nothing of another type or size."""

import torch

from exnet.nets.arena import Arena

LIKE = torch.zeros(0)


def step(arena: Arena, *shapes: tuple[int, ...]) -> list[torch.Tensor]:
    arena.begin()
    return [arena.new(LIKE, *shape) for shape in shapes]


def test_from_the_second_step_on_the_same_memory_is_used_again() -> None:
    arena = Arena()
    step(arena, (3, 5), (7,))
    first = [x.data_ptr() for x in step(arena, (3, 5), (7,))]
    assert [x.data_ptr() for x in step(arena, (3, 5), (7,))] == first
    assert arena.bytes == 4 * (16 + 16)


def test_tensors_of_a_step_do_not_overlap() -> None:
    arena = Arena()
    shapes = ((3, 5), (7,), (0, 4), (2, 2, 2))
    step(arena, *shapes)
    made = step(arena, *shapes)
    for number, x in enumerate(made):
        x.fill_(number)
    assert [x.shape for x in made] == [torch.Size(shape) for shape in shapes]
    assert all(bool((x == number).all()) for number, x in enumerate(made))
    assert all(x.is_contiguous() for x in made)


def test_a_larger_step_gets_what_is_missing_and_then_a_larger_block() -> None:
    arena = Arena()
    step(arena, (4,))
    small, large = step(arena, (4,), (100,))
    large.fill_(1.0)
    small.fill_(2.0)
    assert bool((large == 1.0).all())
    before = arena.bytes
    step(arena, (4,))
    assert arena.bytes > before


def test_another_type_has_a_block_of_its_own() -> None:
    arena = Arena()
    step(arena, (4,))
    arena.begin()
    assert arena.new(torch.zeros(0, dtype=torch.float64), 4).dtype == torch.float64
