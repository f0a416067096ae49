"""From a table to a trained net: the tutorial (docs/tutorial.md) as a Python program.

python examples/own_csv.py
"""

from pathlib import Path

import exnet

TABLE = Path(__file__).with_name("flowers.csv")
SPEC = """
exnet flowers
input  numbers[4] : real[1]        # sepal length and width, petal length and width
output species    : class[3]
vertex sepal = numbers[0..2]
vertex petal = numbers[2..4]
vertex flower = (sepal, petal)
root   flower
learn  xprop(batch: 16, epochs: 20)
"""


def main() -> float:
    """Accuracy on the test part, a fifth of the table."""
    data = f'csv(file: "{TABLE.as_posix()}", target: "species")'
    trained = exnet.train(exnet.parse(SPEC), data, validation=0.2, patience=8)
    test = trained.result.test
    assert test is not None, "nobody stopped the run"
    assert test.accuracy is not None, "species are classes"
    print(f"best epoch {trained.result.best}; {test.accuracy:.1%} of {test.count} flowers of the test part")

    found = trained.predict([[5.0, 3.4, 1.5, 0.2], [6.7, 3.1, 5.7, 2.3]])["species"]
    assert found.probabilities is not None
    for value, probabilities in zip(found.values, found.probabilities, strict=True):
        print(f"{found.names[value]}, {probabilities[value]:.0%}")
    return test.accuracy


if __name__ == "__main__":
    main()
