"""Tables in text files: what columns become, and what is said about ugly ones."""

from pathlib import Path

import numpy as np
import pytest

import exnet
from exnet import data
from exnet.data import Codes, Dataset, Part
from exnet.source import ExnetError

FLOWERS = """\
sepal length,petal,colour,species
5.1,1.4,white,setosa
4.9,1.5,white,setosa
6.0,4.5,blue,virginica
6.3,4.9,red,virginica
5.0,1.3,white,setosa
6.5,5.1,blue,virginica
5.2,1.6,red,setosa
6.1,4.7,blue,virginica
5.3,1.2,white,setosa
6.2,4.6,red,virginica
"""


def write(folder: Path, text: str | bytes, name: str = "t.csv") -> str:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def load(folder: Path, text: str | bytes, options: str = "target=species", name: str = "t.csv") -> Dataset:
    return data.load(f"csv:{write(folder, text, name)},{options}")


def whole(dataset: Dataset) -> Part:
    assert isinstance(dataset.train, Part)
    return dataset.train


def complaint(folder: Path, text: str | bytes, options: str = "target=species", name: str = "t.csv") -> ExnetError:
    with pytest.raises(ExnetError) as caught:
        load(folder, text, options, name)
    return caught.value


def test_columns_get_their_types(tmp_path: Path) -> None:
    flowers = load(tmp_path, FLOWERS)
    train = whole(flowers)
    assert flowers.codes.columns == {"numbers": ("sepal length", "petal"), "colour": ("colour",)}
    assert flowers.codes.words == {"colour": ("blue", "red", "white")}
    assert flowers.codes.names == {"species": ("setosa", "virginica")}
    assert flowers.classes == {"species": 2}
    assert (len(train), len(flowers.test)) == (8, 2)
    assert sorted(flowers.test.targets["species"]) == [0, 1]
    rows = {(*numbers, colour): int(y) for part in (train, flowers.test) for numbers, colour, y in zip(
        part.inputs["numbers"].tolist(), part.inputs["colour"].tolist(), part.targets["species"], strict=True
    )}  # fmt: skip
    assert rows[(6.3, 4.9, 1)] == 1
    assert rows[(5.1, 1.4, 2)] == 0


def test_the_split_is_of_the_rows_not_of_the_path(tmp_path: Path) -> None:
    first, second = load(tmp_path, FLOWERS), load(tmp_path, FLOWERS, name="other.csv")
    np.testing.assert_array_equal(first.test.inputs["numbers"], second.test.inputs["numbers"])


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + FLOWERS,
        FLOWERS.replace("\n", "\r\n"),
        FLOWERS.replace("\n", "\r"),
        FLOWERS.rstrip("\n"),
        FLOWERS.replace("\n", "\n\n"),
        FLOWERS.replace(",", " , "),
        FLOWERS.replace("white", '"white"').replace("sepal length", '"sepal length"'),
        FLOWERS.replace("white", ' "white"').replace("petal", ' "petal"'),
    ],
    ids=["BOM", "CRLF", "CR", "no last line end", "blank lines", "blanks", "quotes", "quotes after blanks"],
)
def test_ways_of_writing_one_table(text: str, tmp_path: Path) -> None:
    plain, other = load(tmp_path, FLOWERS), load(tmp_path, text)
    assert other.codes == plain.codes
    np.testing.assert_array_equal(whole(other).inputs["numbers"], whole(plain).inputs["numbers"])


def test_other_delimiters(tmp_path: Path) -> None:
    plain = load(tmp_path, FLOWERS)
    tabs = load(tmp_path, FLOWERS.replace(",", "\t"), name="t.tsv")
    semicolons = load(tmp_path, FLOWERS.replace(",", ";"), 'target=species,delimiter=";"')
    for other in (tabs, semicolons):
        np.testing.assert_array_equal(whole(other).inputs["numbers"], whole(plain).inputs["numbers"])


def test_a_quoted_cell_may_hold_anything(tmp_path: Path) -> None:
    text = FLOWERS.replace("blue", '"light, ""pale""\nblue"')
    assert load(tmp_path, text).codes.words["colour"] == ('light, "pale"\nblue', "red", "white")


def test_targets_that_are_integers(tmp_path: Path) -> None:
    rows = "".join(f"{i / 7:.3f},{3 + i % 2 * 4},{i * 10}\n" for i in range(30))
    text = "a,grade,age\n" + rows
    grades = load(tmp_path, text, "target=grade")
    assert (grades.codes.names, grades.classes) == ({"grade": ("3", "7")}, {"grade": 2})
    ages = load(tmp_path, text, "target=age")
    assert (ages.codes.names, ages.classes) == ({}, {})
    assert {*whole(ages).targets["age"], *ages.test.targets["age"]} == {float(i * 10) for i in range(30)}
    numbers = load(tmp_path, text, "target=grade,task=regression")
    assert set(whole(numbers).targets["grade"]) == {3.0, 7.0}
    assert numbers.classes == {}


def test_several_targets_and_labels(tmp_path: Path) -> None:
    text = "a,sour,sweet,fruit\n" + "".join(
        f"{i},{i % 2},{i // 2 % 2},{'fig' if i % 3 else 'kiwi'}\n" for i in range(20)
    )
    two = load(tmp_path, text, "target=[fruit, sour],drop=sweet")
    assert two.classes == {"fruit": 2, "sour": 2}
    assert two.codes.columns == {"numbers": ("a",)}
    labels = load(tmp_path, text, "target=[sour, sweet],drop=fruit,task=labels")
    assert labels.classes == {}
    assert labels.codes.names == {"labels": ("sour", "sweet")}
    made, at = whole(labels).targets["labels"], whole(labels).inputs["numbers"][:, 0]
    np.testing.assert_array_equal(made, np.stack([at % 2, at // 2 % 2], 1))


def test_names_become_names_of_a_spec(tmp_path: Path) -> None:
    text = FLOWERS.replace("colour", "share").replace("species", "2nd class?")
    found = load(tmp_path, text, 'target="2nd class?"')
    assert set(found.codes.words) == {"share_"}
    assert set(found.classes) == {"c2nd_class"}
    lines = "\n".join(data.describe(found).lines)
    assert "input share_ : index[3]" in lines
    spec = exnet.parse(f"exnet t {lines} vertex v = (numbers[0], numbers[1], share_) root v")
    data.fit(spec, found)


def test_without_a_header(tmp_path: Path) -> None:
    rows = FLOWERS.partition("\n")[2]
    found = load(tmp_path, rows, "header=false,target=column4")
    assert found.codes.columns["numbers"] == ("column1", "column2")
    assert len(whole(found)) + len(found.test) == 10


MISSING = FLOWERS.replace("5.0,1.3,white", "NA,1.3,white").replace("6.2,4.6,red", "6.2,4.6,")


def test_missing_cells_are_refused_with_their_place(tmp_path: Path) -> None:
    error = complaint(tmp_path, MISSING)
    assert [d.code for d in error.diagnostics] == ["EXN607", "EXN607"]
    first, second = error.diagnostics
    assert first.message.startswith("`sepal length` is `NA` in line 6")
    assert first.span is not None
    assert (first.span.first, first.span.text) == ((6, 1), "NA")
    assert second.message.startswith("`colour` is empty in line 11")
    assert "`missing: drop`" in first.help


@pytest.mark.parametrize("word", ["", "NA", "N/A", "nan", "NaN", "null", "?", "  "])
def test_words_for_missing(word: str, tmp_path: Path) -> None:
    assert complaint(tmp_path, FLOWERS.replace("5.0,1.3", f"5.0,{word}")).code == "EXN607"


def test_rows_with_missing_cells_are_dropped(tmp_path: Path) -> None:
    found = load(tmp_path, MISSING, "target=species,missing=drop")
    assert len(whole(found)) + len(found.test) == 8
    assert found.codes.words["colour"] == ("blue", "red", "white")


def test_the_training_mean_stands_in(tmp_path: Path) -> None:
    gaps = FLOWERS.replace("5.0,1.3", ",1.3").replace("6.2,4.6,red", "6.2,4.6,").replace("6.5,", ",")
    found = load(tmp_path, gaps, "target=species,missing=mean")
    train = whole(found)
    assert found.codes.words["colour"] == ("", "blue", "red", "white")
    known = [float(line.split(",")[0]) for line in FLOWERS.splitlines()[1:]]
    column = np.concatenate([train.inputs["numbers"][:, 0], found.test.inputs["numbers"][:, 0]])
    mean = found.codes.means["sepal length"]
    assert np.count_nonzero(np.isclose(column, mean)) == 2
    in_train = [v for v in train.inputs["numbers"][:, 0] if v != mean]
    assert mean == pytest.approx(np.mean(in_train))  # the test part had no say in it
    assert not np.isnan(column).any()
    assert mean != pytest.approx(np.mean(known))


def test_a_missing_target_has_no_mean(tmp_path: Path) -> None:
    error = complaint(
        tmp_path, FLOWERS.replace("5.0,1.3,white,setosa", "5.0,1.3,white,"), "target=species,missing=mean"
    )
    assert error.code == "EXN607"
    assert "mean" not in error.hint


UGLY = {
    "empty": ("", "target=y", "EXN606", "is empty"),
    "only blanks": ("\n  \n\n", "target=y", "EXN606", "is empty"),
    "no rows": ("a,y\n", "target=y", "EXN606", "no rows"),
    "ragged": ("a,y\n1,2\n3\n4,5,6\n", "target=y", "EXN606", "line 3 of"),
    "twice": ("a,y,a\n1,2,3\n", "target=y", "EXN606", "columns 1 and 3"),
    "UTF-16": ("a,y\n1,2\n".encode("utf-16"), "target=y", "EXN606", "UTF-16"),
    "Latin-1": ("a,y\n1,caf\xe9\n".encode("latin-1"), "target=y", "EXN606", "0xe9 in line 2"),
    "open quote": ('a,y\n1,"x\n2,3\n', "target=y", "EXN606", "starts in line 2"),
    "text after a quote": ('a,y\n1,"x"z\n', "target=y", "EXN606", "line 2"),
    "semicolons": ("a;y\n1;2\n", "target=y", "EXN606", 'delimiter: ";"'),
    "numbers for names": ("1,2\n3,4\n", "target=2", "EXN606", "header: false"),
    "bad delimiter": ("a,y\n1,2\n", 'target=y,delimiter=";;"', "EXN606", "not one character"),
    "no target": ("a,y\n1,2\n", "missing=drop", "EXN609", 'target: "y"'),
    "unknown target": (FLOWERS, "target=spieces", "EXN608", "did you mean `species`?"),
    "unknown drop": (FLOWERS, "target=species,drop=[petall]", "EXN608", "did you mean `petal`?"),
    "dropped target": (FLOWERS, "target=species,drop=species", "EXN609", "by `drop`"),
    "no inputs": ("y\na\nb\na\nb\n", "target=y", "EXN609", "needs an input"),
    "no name": (",a,y\n0,1,p\n1,2,q\n2,1,p\n3,2,q\n", "target=y", "EXN608", "drop: column1"),
    "one class": ("a,y\n1,p\n2,p\n3,p\n", "target=y", "EXN609", "one class only"),
    "as many classes as rows": (
        "a,y\n" + "".join(f"{i},id{i}\n" for i in range(60)), "target=y", "EXN609", "60 classes in 60 rows",
    ),
    "names as inputs": (
        "a,y\n" + "".join(f"n{i},{'pq'[i % 2]}\n" for i in range(60)), "target=y", "EXN654", "drop: a",
    ),
    "a slip": ("a,y\n" + "1.5,p\n2.5,q\n" * 9 + "3;5,p\n", "target=y", "EXN654", "`3;5` in line 20"),
    "infinite": ("a,y\n" + "1.5,p\n2.5,q\n" * 9 + "inf,p\n", "target=y", "EXN654", "`inf` in line 20"),
    "underscores": ("a,y\n" + "1.5,p\n2.5,q\n" * 9 + "1_0,p\n", "target=y", "EXN654", "`1_0` in line 20"),
    "all missing": ("a,b,y\n1,,p\n2,,q\n3,,p\n4,,q\n", "target=y", "EXN607", "every cell"),
    "every row has a gap": ("a,b,y\n1,,p\n,2,q\n3,,p\n", "target=y,missing=drop", "EXN607", "every row"),
    "words as numbers": (FLOWERS, "target=colour,task=regression,drop=species", "EXN609", "which is no number"),
    "labels of threes": ("a,y\n1,0\n2,3\n1,1\n", "target=y,task=labels", "EXN609", "`3` in line 3"),
    "share too large": (FLOWERS, "target=species,test=1.5", "EXN651", "1.5"),
    "share too small": (FLOWERS, "target=species,test=0.01", "EXN651", "all of 10 instances"),
    "unknown option": (FLOWERS, "tarket=species", "EXN601", "did you mean `target`?"),
    "open list": (FLOWERS, "target=[species", "EXN601", "not closed"),
}  # fmt: skip


@pytest.mark.parametrize("case", UGLY)
def test_ugly_tables(case: str, tmp_path: Path) -> None:
    text, options, code, says = UGLY[case]
    error = complaint(tmp_path, text, options)
    assert error.code == code
    assert any(says in word for d in error.diagnostics for word in (d.message, d.help))
    assert all(d.message[0].islower() or d.message[0] == "`" for d in error.diagnostics)


def test_every_ragged_row_is_shown(tmp_path: Path) -> None:
    error = complaint(tmp_path, "a,y\n1\n1,2\n1,2,3\n", "target=y")
    assert [d.span.first.line for d in error.diagnostics if d.span] == [2, 4]


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, "a\0b"):
        with pytest.raises(ExnetError) as caught:
            data.load(f"csv:{path},target=y")
        assert caught.value.code == "EXN602"


def test_a_table_of_its_own_as_test_part(tmp_path: Path) -> None:
    other = write(tmp_path, "species,petal,sepal length,colour\nsetosa,1.1,5.5,green\n", "test.csv")
    found = load(tmp_path, FLOWERS, f'target=species,test_file="{other}"')
    assert (len(whole(found)), len(found.test)) == (10, 1)
    np.testing.assert_array_equal(found.test.inputs["numbers"], [[5.5, 1.1]])
    assert found.codes.words["colour"] == ("blue", "green", "red", "white")
    unknown = write(tmp_path, "species,petal,sepal length,colour\niris,1.1,5.5,red\n", "test.csv")
    error = complaint(tmp_path, FLOWERS, f"target=species,test_file={unknown}")
    assert (error.code, "`iris` in line 2" in str(error)) == ("EXN653", True)


def test_part_tuning_puts_the_test_part_away(tmp_path: Path) -> None:
    text = "a,y\n" + "".join(f"{i},{'pq'[i % 2]}\n" for i in range(100))
    everything, tuning = (load(tmp_path, text, f"target=y{more}") for more in ("", ",part=tuning"))
    shown = {*whole(tuning).inputs["numbers"][:, 0], *tuning.test.inputs["numbers"][:, 0]}
    assert shown == {*whole(everything).inputs["numbers"][:, 0]}
    assert len(tuning.test) == 16


def test_later_tables_get_the_numbers_of_the_first(tmp_path: Path) -> None:
    codes = Codes.from_json(load(tmp_path, FLOWERS).codes.to_json())
    path = write(tmp_path, "extra,colour,petal,sepal length\nz,white,1.0,2.0\n,blue,3.0,4.0\n", "new.csv")
    rows = data.load_rows(f"csv:{path}", codes)
    np.testing.assert_array_equal(rows.inputs["numbers"], [[2.0, 1.0], [4.0, 3.0]])
    np.testing.assert_array_equal(rows.inputs["colour"], [2, 0])
    assert (rows.targets, len(rows)) == ({}, 2)
    gaps = write(tmp_path, FLOWERS.replace("setosa", "?", 2).replace("virginica", "nobody", 1), "again.csv")
    rows = data.load_rows(f"csv:{gaps}", codes)
    assert (rows.targets, len(rows)) == ({}, 10)
    again = data.load(f"csv:{write(tmp_path, FLOWERS.replace('white', 'red'), 'red.csv')}", codes)
    assert again.codes == codes
    assert set(whole(again).inputs["colour"]) <= {0, 1}


def test_later_tables_that_do_not_match(tmp_path: Path) -> None:
    codes = load(tmp_path, FLOWERS).codes
    for text, code, says in (
        ("colour,petal\nred,1\n", "EXN608", "no column `sepal length`"),
        ("colour,petal,sepal length\nwhit,1,2\n", "EXN653", "did you mean `white`?"),
        ("colour,petal,sepal length\nred,?,2\n", "EXN607", "`petal` is `?` in line 2"),
        ("colour,petal,sepal length\nred,?,2\n", "EXN607", "fill it in"),
        ("colour,petal,sepal length\nred,x,2\n", "EXN654", "`x` in line 2"),
    ):
        with pytest.raises(ExnetError) as caught:
            data.load_rows(f"csv:{write(tmp_path, text, 'new.csv')}", codes)
        assert caught.value.code == code
        assert says in str(caught.value) + caught.value.hint


def test_later_gaps_get_the_mean_of_training(tmp_path: Path) -> None:
    codes = load(tmp_path, FLOWERS.replace("5.0,1.3", ",1.3"), "target=species,missing=mean").codes
    path = write(tmp_path, "colour,petal,sepal length\nred,,2\n", "new.csv")
    rows = data.load_rows(f"csv:{path}", codes)
    assert rows.inputs["numbers"].tolist() == [[2.0, codes.means["petal"]]]


def test_rows_for_a_net_that_never_saw_a_table(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,2\n3,4\n")
    assert data.load_rows(f"csv:{path}").inputs["numbers"].tolist() == [[1, 2], [3, 4]]
    flowers = f"csv:{write(tmp_path, FLOWERS)},target=species"
    assert data.load(flowers, Codes()).codes == data.load(flowers).codes


def test_columns_are_standardised_one_by_one(tmp_path: Path) -> None:
    text = "year,share,y\n" + "".join(f"{1990 + i},{i * 1e-6},{i * 100.0}\n" for i in range(40))
    spec = exnet.parse("exnet t input x[2] : real[1] output y : real[1] vertex v = (x[0], x[1]) root v")
    fitted = data.fit(spec, load(tmp_path, text, "target=y"))
    x, y = fitted.train.inputs["x"], fitted.train.targets["y"]
    np.testing.assert_allclose(x.reshape(-1, 2).mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(x.reshape(-1, 2).std(0), 1, atol=1e-5)
    np.testing.assert_allclose((y.mean(), y.std()), (0, 1), atol=1e-5)
    back = data.unscale(spec, fitted.scales, {"y": fitted.test.targets["y"]})["y"]
    assert sorted(np.round(back.reshape(-1), 2) % 100) == [0.0] * 8


def test_classes_are_not_numbers(tmp_path: Path) -> None:
    spec = exnet.parse("exnet t input x[2] : real[1] output y : real[1] vertex v = (x[0], x[1]) root v")
    with pytest.raises(ExnetError) as caught:
        data.fit(spec, load(tmp_path, FLOWERS, "target=species,drop=colour"))
    assert caught.value.code == "EXN605"
    assert "class[2]" in caught.value.hint
    assert "task: regression" in caught.value.hint


def numbered(count: int, cell: str, *, head: str = "a,y\n") -> str:
    """Rows of a cell with `{i}` in it, and of two classes."""
    return head + "".join(f"{cell.format(i=i)},{'pq'[i % 2]}\n" for i in range(count))


def test_the_wrong_delimiter_is_named_before_ragged_rows(tmp_path: Path) -> None:
    text = "a;b;y\n" + "".join(f"{i},5;{i};{'pq'[i % 2]}\n" for i in range(20)) + "7;7;p\n"
    error = complaint(tmp_path, text, "target=y")
    assert (error.code, len(error.diagnostics), error.hint) == (
        "EXN606",
        1,
        'if `;` stands between the cells, write `delimiter: ";"`',
    )
    error = complaint(tmp_path, text.replace(";", "\t"), "target=y")
    assert error.hint == "if a tab stands between the cells, write `delimiter: tab`"
    for written in ("tab", "\\t", '"\t"'):
        read = load(tmp_path, text.replace(",", ".").replace(";", "\t"), f"target=y,delimiter={written}")
        assert read.codes.columns == {"numbers": ("a", "b")}


def test_a_first_line_unlike_all_others_is_the_mistake(tmp_path: Path) -> None:
    error = complaint(tmp_path, "# from the station\n" + numbered(8, "{i}"), "target=y")
    assert (error.code, len(error.diagnostics)) == ("EXN606", 1)
    assert "the first line of" in str(error)
    assert "has 1 cell, all others have 2" in str(error)


@pytest.mark.parametrize(
    ("cell", "first", "plain"),
    [('"{i},5"', "0,5", "0.5"), ('"1{i},000"', "10,000", "10000"), ("{i} %", "0 %", "0"), ("${i}.50", "$0.50", "0.50")],
)
def test_numbers_as_people_print_them(tmp_path: Path, cell: str, first: str, plain: str) -> None:
    error = complaint(tmp_path, numbered(60, cell), "target=y")
    assert error.code == "EXN654"
    assert error.hint.startswith(f"if they are numbers, write `{plain}` for `{first}`, and so on; else leave it out")


def test_a_slip_is_one_mistake(tmp_path: Path) -> None:
    error = complaint(tmp_path, numbered(60, "{i}") + "inf,p\n", "target=y")
    assert [found.code for found in error.diagnostics] == ["EXN654"]
    assert "`inf` in line 62" in str(error)


def test_a_slip_in_a_target_does_not_make_classes_of_numbers(tmp_path: Path) -> None:
    text = "a,age\n" + "".join(f"{i},{20 + i % 30}\n" for i in range(200))
    error = complaint(tmp_path, f"{text}7,4o\n", "target=age")
    assert (error.code, "`4o` in line 202" in str(error)) == ("EXN654", True)
    assert load(tmp_path, f"{text}7,4o\n", "target=age,words=age").classes == {"age": 31}


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        (FLOWERS, "target=[species,species]", "`species` is named by `target` twice"),
        ("a,y\n1,\n2,\n3,\n", "target=y,missing=mean", "every cell of the target `y` of"),
        ("a,y\n1,2.5\n2,2.5\n3,2.5\n", "target=y", "is 2.5 in every row"),
        ("a,y\n1,2\n2,2\n3,2\n", "target=y,task=regression", "is 2 in every row"),
        ("a,y\n1,u\n2,v\n3,w\n", "target=y", "has 3 classes in 3 rows"),
    ],
)
def test_targets_of_which_nothing_can_be_learned(tmp_path: Path, text: str, options: str, says: str) -> None:
    error = complaint(tmp_path, text, options)
    assert (error.code, says in str(error)) == ("EXN609", True)


def test_wide_tables_are_not_told_in_full(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(30)]
    text = ",".join([*names, "y"]) + "\n" + "".join(",".join([*["NA"] * 30, k]) + "\n" for k in "pq")
    text += ",".join([*["1"] * 30, "p"]) + "\n"
    error = complaint(tmp_path, text, "target=y")
    assert len(error.diagnostics) == 5
    assert error.diagnostics[0].notes[-1] == "25 more columns have missing cells"
    error = complaint(tmp_path, text, "drop=[]")
    assert "`c19` and 11 more" in str(error)


def test_a_share_beside_a_test_file(tmp_path: Path) -> None:
    path = write(tmp_path, FLOWERS, "more.csv")
    error = complaint(tmp_path, FLOWERS, f'target=species,test=0.3,test_file="{path}"')
    assert (error.code, "asks for another" in str(error)) == ("EXN651", True)


def test_every_column_that_a_later_table_lacks(tmp_path: Path) -> None:
    codes = load(tmp_path, FLOWERS).codes
    path = write(tmp_path, "color,petals\nred,1\n", "new.csv")
    with pytest.raises(ExnetError) as caught:
        data.load_rows(f"csv:{path}", codes)
    assert [found.help for found in caught.value.diagnostics] == [
        "give it the columns of the training table",
        "did you mean `petals`?",
        "did you mean `color`?",
    ]


def test_a_later_table_with_names_for_a_net_that_knows_none(tmp_path: Path) -> None:
    plain = "".join(f"{i},{'pq'[i % 2]}\n" for i in range(10))
    codes = load(tmp_path, plain, "target=column2,header=false").codes
    path = write(tmp_path, "p,q\n1,2\n", "new.csv")
    with pytest.raises(ExnetError) as caught:
        data.load_rows(f"csv:{path}", codes)
    assert (caught.value.code, "`header: false`" in caught.value.hint) == ("EXN608", True)
