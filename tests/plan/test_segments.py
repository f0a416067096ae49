"""Groups are cut into pieces that read views, chains among them are found, rows stand in the order of their reads."""

import numpy as np
import pytest

from exnet.compiler import compile_any
from exnet.plan import Plan
from exnet.plan.chains import chains
from exnet.plan.model import Group
from exnet.plan.segments import MOST, Repeat, segments

HEAD = "exnet t\ninput x[N] : real[4]\noutput y : class[3]\n"
NETS = {
    "shared tree": HEAD.replace("N", "64") + "root tree(x)\n",
    "own tree": HEAD.replace("N", "64")
    + "let h[0, i: 0..64] = x[i]\nvertex h[l: 1..=6, i: 0..64 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])\nroot h[6, 0]\n",
    "multilayer": HEAD.replace("N", "12") + "root multilayer(x)\n",
    "attention": HEAD.replace("N", "8") + "root tree(attention(x))\n",
    "odd tree": HEAD.replace("N", "77") + "root tree(x)\n",
    "chain": HEAD.replace("N", "40") + "root chain(x)[39]\n",
}


def plan(name: str) -> Plan:
    return compile_any(NETS[name]).unwrap().plan


def group(operands: list[list[int]], classes: int, members: int) -> Group:
    sites = np.arange(classes * members, dtype=np.int32)
    return Group(1, 0, np.arange(classes, dtype=np.int32), members, sites, np.array(operands, np.int32), sites, False)


def is_slice(rows: np.ndarray) -> bool:
    return len(rows) < 2 or bool((np.diff(rows) == np.diff(rows)[0]).all() and np.diff(rows)[0] > 0)


@pytest.mark.parametrize("name", NETS)
def test_pieces_are_the_group(name: str) -> None:
    """Put together again they read what the group reads, site by site, with the class of each."""
    made = plan(name)
    for groups in (made.up, made.down, made.local_primary, made.local_arcs, made.trainers):
        for whole in (groups[i] for i in range(len(groups))):
            found, at = list(segments(whole)), 0
            for piece in found:
                assert piece.sites.start == at
                at = piece.sites.stop
                for rows, repeat, operand in zip(piece.reads, piece.repeats, whole.operands, strict=True):
                    assert np.array_equal(spread(rows, repeat), operand[piece.sites])
                each = np.repeat(whole.rows, whole.members)[piece.sites]
                assert np.array_equal(np.repeat(piece.rows, (at - piece.sites.start) // len(piece.rows)), each)
            assert at == len(whole.sites)


def spread(rows: np.ndarray, repeat: Repeat | None) -> np.ndarray:
    if repeat is None:
        return rows
    return np.repeat(rows, repeat.inner) if repeat.by_outer else np.tile(rows, repeat.outer)


@pytest.mark.parametrize("name", ["shared tree", "own tree", "multilayer", "chain"])
def test_the_up_pass_reads_slices(name: str) -> None:
    """The order of rows is made for that; in the graph's own order a tree would read every second row."""
    made = plan(name)
    for whole in (made.up[i] for i in range(len(made.up))):
        assert all(is_slice(operand) for operand in whole.operands)
        assert all(bool((np.diff(operand) == 1).all()) for operand in whole.operands)


def test_a_large_product_is_cut() -> None:
    rows = list(range(3 * MOST + 1))
    assert [p.sites.stop - p.sites.start for p in segments(group([rows], 1, len(rows)))] == [MOST] * 3 + [1]
    assert [len(p.rows) for p in segments(group([rows], len(rows), 1))] == [MOST] * 3 + [1]


def test_rows_that_many_sites_read_are_listed_once() -> None:
    (piece,) = segments(group([[4, 4, 4, 9, 9, 9], [7, 5, 1, 7, 5, 1]], 1, 6))
    assert [rows.tolist() for rows in piece.reads] == [[4, 9], [7, 5, 1]]
    assert piece.repeats == (Repeat(2, 3, True), Repeat(2, 3, False))


def test_a_stack_is_cut_where_its_reads_jump_back() -> None:
    found = list(segments(group([[0, 1, 2, 3, 0, 1, 2, 3]], 8, 1)))
    assert [(p.sites.start, p.sites.stop) for p in found] == [(0, 4), (4, 8)]
    scattered = list(segments(group([[5, 0, 3, 1, 7, 2, 9, 4]], 8, 1)))
    assert len(scattered) == 1


@pytest.mark.parametrize(("name", "up", "down"), [("chain", 1, 1), ("shared tree", 0, 0), ("attention", 0, 0)])
def test_chains_are_found(name: str, up: int, down: int) -> None:
    made = plan(name)
    found = [list(chains(made, down=False)), list(chains(made, down=True))]
    assert [len(part) for part in found] == [up, down]
    for part, groups in zip(found, (made.up, made.down), strict=True):
        assert all((chain.first, chain.end) == (0, len(groups)) for chain in part)


def test_a_chain_is_broken_where_it_is_asked_to() -> None:
    made = plan("chain")
    found = list(chains(made, down=False, breaks=(20,)))
    assert [(chain.first, chain.end) for chain in found] == [(0, 20), (20, 39)]
