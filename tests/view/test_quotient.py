"""The quotient: one box for each family, in the words of the spec, with numbers that add up."""

from time import process_time

import pytest
from pictured import ATTENTION, CHAIN, GRID, MANY_PORTS, SHARING, SPECS, TREE, picture

from exnet.graph import elaborate
from exnet.spec import parse
from exnet.view import quotient, quotient_svg
from exnet.view.reads import Words


def test_boxes_and_arcs_of_a_tree() -> None:
    found = picture(TREE)
    (leaves,), (family,) = found.leaves, found.families
    assert (leaves.name, leaves.leaves, leaves.type) == ("x", 4, "real[2]")
    assert (family.vertices, family.levels, family.classes, family.root) == (3, (1, 2), (2, 2, 2), True)
    assert family.domains == ("l: 1..=2, i: 0..4 >> l",)
    assert [(arcs.parents, arcs.children, arcs.count) for arcs in found.arcs] == [(1, 0, 4), (1, 1, 2)]
    assert found.arcs[1].reads == ("h[l-1, 2*i]", "h[l-1, 2*i+1]")
    assert found.arcs[1].slots == ((0, 1),)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_numbers_add_up(name: str) -> None:
    spec = parse(SPECS[name])
    graph = elaborate(spec).unwrap()
    found = quotient(spec, graph)
    assert sum(family.vertices for family in found.families) == graph.vertex_count
    assert sum(leaves.leaves for leaves in found.leaves) == graph.leaf_count
    assert sum(arcs.count for arcs in found.arcs) == graph.arc_count
    assert max(family.levels[1] for family in found.families) == graph.levels
    assert [o.name for o in found.outputs] == [o.name for o in spec.outputs]


def test_applications_and_how_many_instances_they_have() -> None:
    found = picture(ATTENTION)
    assert [(frame.sites, frame.instances) for frame in found.frames] == [
        (("root.tree",), 1),
        (("x.attention",), 2),
        (("x.attention", "out.tree"), 8),
    ]
    assert [family.sites for family in found.families if family.root] == [("root.tree",)]


def test_slots_tell_the_past_from_the_new_element() -> None:
    to_tokens, to_itself = picture(CHAIN).arcs
    assert (to_tokens.count, to_tokens.slots) == (6, ((0, 1),))
    assert (to_itself.count, to_itself.slots, to_itself.reads) == (4, ((0, 0),), ("h[t-1]",))


def test_equations_of_one_family_share_a_box() -> None:
    (family,) = picture(GRID).families
    assert family.domains == ("0, j: 1..w", "i: 1..h, 0", "i: 1..h, j: 1..w")
    primary, _, trainer = family.components
    assert primary.networks == ("mlp 64-64-32", "mlp 96-64-32")
    assert trainer.networks == ("mlp 64-64-3",)


def test_networks_carry_their_names_and_widths() -> None:
    found = {family.name: family for family in picture(MANY_PORTS).families}
    assert found["r"].components[2].networks == ("judge = mlp 64-48-24-17",)
    assert found["q"].components[1].networks == ()
    assert found["q"].components[1].classes == 0


def test_reads_behind_an_array() -> None:
    found = {(arcs.parents, arcs.children): arcs for arcs in picture(SHARING).arcs}
    boxes = [family.name for family in picture(SHARING).families]
    root = 1 + boxes.index("r")
    reads = {arcs.reads: arcs.slots for (parents, _), arcs in found.items() if parents == root}
    assert reads == {("h[4, 0]",): ((0, 0),), ("t[:]",): ((1, 3),)}


def test_a_slot_that_no_one_read_is_known_to_fill() -> None:
    words = Words("", ("a", "b[:]", "c[0]"), (0, 1))
    assert words.read(1, 3) == "b[:]"
    assert words.read(1, 5) == "a, b[:], c[0]"
    assert Words("", ("c[0]", "b[:]", "d[1]"), (1,)).read(4, 5) == "d[1]"
    assert [Words("", ("c[0]", "p[i, :]"), (1,)).read(slot, None) for slot in (0, 1, 7)] == [
        "c[0]",
        "p[i, :]",
        "p[i, :]",
    ]
    assert Words().read(1, 2) == ""
    assert Words("", ("p[i, :]", "c[0]"), (0,)).read(3, None) == "p[i, :], c[0]"


def test_a_million_vertices_take_two_seconds() -> None:
    spec = parse(ATTENTION.replace("n = 4", "n = 500"))
    graph = elaborate(spec).unwrap()
    assert graph.vertex_count > 990_000
    start = process_time()
    drawn = quotient_svg(quotient(spec, graph))
    assert process_time() - start < 2
    assert len(drawn) < 20_000
