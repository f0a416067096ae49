"""Train a small tree on handwritten digits, then ask every vertex what it thinks.

python examples/ask_every_vertex.py
"""

from pathlib import Path

import torch

import exnet
from exnet.data import fit, load
from exnet.learn.loop import Run

SPEC = Path(__file__).parents[1] / "specs" / "tree_digits.exn"


def main(epochs: int = 5) -> float:
    """The accuracy of the root on the test part."""
    net = exnet.build(SPEC)
    data = fit(net.spec, load("digits"))
    rule = net.spec.learn.model_copy(update={"epochs": epochs})
    Run(net, data, rule).train()

    net.eval()
    test = data.test
    x, y = torch.from_numpy(test.inputs["x"]), torch.from_numpy(test.targets["y"])
    with torch.no_grad():
        local = net.local_predictions(x)  # [vertices, instances, classes]
    right = (local.argmax(-1) == y).double().mean(-1)
    for row, accuracy in enumerate(right.tolist()):
        print(f"{net.vertex_name(row):<12} {accuracy:.1%}")
    return float(right[-1])  # the root stands last


if __name__ == "__main__":
    main()
