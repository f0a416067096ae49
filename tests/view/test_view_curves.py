"""Curves: which diagrams a run has, what its lines hold, and the SVG of all kinds of runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pictured import SVG, tree_of

from exnet.view import curves, curves_svg, read_runs
from exnet.view.curves import MOST_LEVELS, MOST_POINTS, Curves, evenly
from exnet.view.fonts import text_width
from exnet.view.runs import History, Record, Runs

RECORDED = Path(__file__).parent / "recorded" / "tree"


def xprop(at: int, seed: int = 0, levels: int = 3) -> Record:
    """Figures as Xprop has them."""
    rows = {
        level: {
            "vertices": 2.0,
            "loss": 1 / at + level + seed,
            "accuracy": 0.1 * level,
            "primary.norm": 5.0 - 0.5 * level,
            "complementary.norm": 0.0 if level == levels else 2.0 + level,
            "draw_entropy": None,
        }
        for level in range(1, levels + 1)
    }
    root = {"loss": 1 / at + seed, "validation_loss": 2 / at, "accuracy": 0.5, "rate": 1e-3 / at, "seconds": 1.0}
    return Record(float(at), root, {0: {"leaves": 4.0, "primary.norm": 3.0}, **rows})


def runs_of(*records: list[Record]) -> Runs:
    return Runs("run", {}, tuple(History(f"seed {i}", {}, tuple(each)) for i, each in enumerate(records)))


def titles(picture: Curves) -> list[str]:
    return [panel.title for panel in picture.panels]


def test_diagrams_of_xprop() -> None:
    assert titles(curves(runs_of([xprop(1), xprop(2)]))) == [
        "Loss at the root",
        "Accuracy at the root",
        "Learning rate",
        "Accuracy by level",
        "Loss by level",
        "Norm of primary extractions",
        "Norm of complementary extractions",
    ]


def test_diagrams_of_a_rule_without_levels_and_of_regression() -> None:
    records = [Record(1.0, {"loss": 2.0, "accuracy": None, "rate": 0.1, "rmse": 3.0, "validation_rmse": 4.0}, {})]
    picture = curves(runs_of(records))
    assert titles(picture) == ["Loss at the root", "Rmse", "Learning rate"]
    assert [series.name for series in picture.panels[1].series] == ["training", "validation"]
    assert (picture.levels, picture.all_levels) == ((), 0)


def test_figures_that_this_version_does_not_know() -> None:
    levels = {1: {"drift": 0.5, "frozen.age": 3.0, "primary.kurtosis": 1.0}}
    picture = curves(runs_of([Record(1.0, {"loss": 1.0, "clip_rate": 0.5}, levels)]))
    assert titles(picture)[1:] == [
        "Clip rate",
        "Drift by level",
        "Kurtosis of primary extractions",
        "Age of frozen extractions",
    ]


def test_turns_of_xprop_star() -> None:
    figures = {"loss": 1.0, "turn.number": 3.0, "turn.group": None, "turn.drift": 0.1}
    level = {"loss": None, "accuracy": None, "primary.norm": 2.0}
    picture = curves(runs_of([Record(1.0, figures, {1: level, 2: {**level, "loss": 1.0}})]))
    assert titles(picture)[:4] == ["Loss at the root", "Drift in the last turn", "Number of the turn", "Loss by level"]
    assert [series.level for series in picture.panels[3].series] == [2]


def test_seeds_have_thin_lines_a_mean_and_a_range() -> None:
    picture = curves(runs_of([xprop(1), xprop(2)], [xprop(1, 1), xprop(2, 1), xprop(3, 1)]))
    first, second, mean, *_ = picture.panels[0].series
    assert [series.thin for series in (first, second, mean)] == [True, True, False]
    assert mean.name == "training, mean of 2 seeds"
    assert mean.x == (1.0, 2.0)  # where both seeds have figures
    assert (mean.y, mean.low, mean.high) == ((1.5, 1.0), (1.0, 0.5), (2.0, 1.5))
    level = next(panel for panel in picture.panels if panel.title == "Loss by level").series[0]
    assert level.y == pytest.approx((2.5, 2.0))


def test_a_seed_with_a_gap_leaves_a_gap_in_the_mean() -> None:
    broken = [Record(1.0, {"loss": 1.0}, {}), Record(2.0, {"loss": None}, {}), Record(3.0, {"loss": 3.0}, {})]
    whole = [Record(float(at), {"loss": 1.0}, {}) for at in (1, 2, 3)]
    picture = curves(runs_of(broken, whole))
    assert picture.panels[0].series[-1].y == (1.0, None, 2.0)
    assert len(dots(curves_svg(picture))) == 2 + 2  # both figures beside the gap, in the thin line and in the mean


def dots(svg: str) -> list[tuple[float, float]]:
    return [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in tree_of(svg).iter(f"{SVG}circle")]


def test_seeds_without_a_common_figure_have_no_mean() -> None:
    ones = [Record(1.0, {"loss": 2.0}, {1: {"loss": 3.0}}), Record(2.0, {"loss": None}, {})]
    others = [Record(1.0, {"loss": None}, {}), Record(2.0, {"loss": 4.0}, {1: {"loss": 5.0}})]
    none = [Record(2.0, {"rate": 1.0}, {})]
    picture = curves(runs_of(none, ones, others))
    assert [series.name for series in picture.panels[0].series] == ["training, seed 1", "training, seed 2"]
    assert titles(picture) == ["Loss at the root", "Learning rate"]
    assert curves_svg(picture).count("<circle") == 3


def test_long_seeds_of_unlike_length_have_their_mean_at_the_same_places() -> None:
    picture = curves(runs_of([xprop(at) for at in range(1, 902)], [xprop(at, seed=1) for at in range(1, 451)]))
    *_, short, mean = (series for series in picture.panels[0].series if "training" in series.name)
    assert (short.x[-1], len(short.x)) == (450, 101)
    assert len(mean.x) == 100


def test_one_epoch_is_a_dot() -> None:
    picture = curves(runs_of([Record(1.0, {"loss": 1.0}, {})]))
    assert len(dots(curves_svg(picture))) == 1


def test_deep_nets_and_long_runs_stay_small() -> None:
    records = [xprop(at, levels=300) for at in range(1, 1001)]
    picture = curves(runs_of(records))
    assert (len(picture.levels), picture.all_levels) == (MOST_LEVELS, 301)
    assert picture.levels[0] == 0
    assert picture.levels[-1] == 300
    assert max(len(series.x) for panel in picture.panels for series in panel.series) == MOST_POINTS
    assert picture.panels[0].series[0].x[-1] == 1000
    svg = curves_svg(picture)
    assert "24 of 301 levels" in svg
    assert len(svg) < 500_000


def test_evenly() -> None:
    assert evenly(range(5), 9) == [0, 1, 2, 3, 4]
    assert evenly(range(100), 4) == [0, 33, 66, 99]


def test_the_constant_of_the_root_is_not_drawn() -> None:
    picture = curves(runs_of([xprop(1)]))
    panel = next(panel for panel in picture.panels if panel.title.endswith("complementary extractions"))
    assert [series.level for series in panel.series] == [1, 2]


def test_lines_stay_inside_their_axes_and_words_inside_the_picture() -> None:
    svg = curves_svg(curves(read_runs(RECORDED).unwrap()))
    root = tree_of(svg)
    width = float(root.attrib["width"])
    for path in root.iter(f"{SVG}path"):
        if "xn-line" in path.get("class", "") and "L" in path.attrib["d"]:
            pairs = path.attrib["d"].replace("M", "L").split("L")[1:]
            for pair in pairs:
                x, y = map(float, pair.split())
                assert 57.9 <= x <= 336.1
                assert 43.9 <= y <= 192.1
    for group in root.findall(f"{SVG}g"):
        offset = float(group.attrib["transform"].removeprefix("translate(").split()[0])
        for text in group.findall(f"{SVG}text"):
            size = 11 if "xn-small" in text.attrib["class"] else 14
            if text.get("text-anchor") is None:
                assert offset + float(text.attrib["x"]) + text_width(text.text or "", size) <= width


def test_what_the_picture_says_about_the_run() -> None:
    picture = curves(read_runs(RECORDED).unwrap())
    assert picture.title == "tree_digits: tree"
    assert picture.about[0] == "xprop, adam 0.002, cosine, batch 64, data digits, float32"
    assert picture.about[1].startswith("seed 0 finished, test loss 0.1478, accuracy 96.4 %; seed 1 finished")


@pytest.mark.parametrize("about", [{"rule": 3, "test": [], "spec": None}, {"rule": {"optimiser": 1}, "data": {}}, {}])
def test_odd_run_files_are_drawn(about: dict[str, object]) -> None:
    runs = Runs("odd <&>", about, (History("seed 0", about, (Record(1.0, {"loss": 1.0}, {}),)),))
    assert "odd &lt;&amp;&gt;" in curves_svg(curves(runs))


def test_recorded_curves(golden: Callable[[str, str], None]) -> None:
    runs = read_runs(RECORDED / "seed-1").unwrap()
    golden("curves.svg", curves_svg(curves(runs)))
