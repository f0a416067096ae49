"""Xprop by hand: the two passes without gradient, then one local loss for every vertex.

python examples/own_loop.py
"""

import torch
from torch.nn.functional import cross_entropy

import exnet

SPEC = """
exnet parity_of_signs
input  x[8] : real[1]
output y    : class[2]
root   tree(x)
"""


def main(steps: int = 300) -> float:
    """The root's accuracy on fresh instances of a small task: is the product of the first two numbers positive?"""
    torch.manual_seed(0)
    net = exnet.build(exnet.parse(SPEC))
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    for step in range(steps):
        x = torch.randn(64, 8, 1)
        y = (x[:, 0, 0] * x[:, 1, 0] > 0).long()
        with torch.no_grad():  # nothing crosses a vertex
            up = net.up(x)
            draws = net.draws(step, torch.arange(64))
            down = net.down(up, draws)
        local = net.local(up, down, draws)  # [vertices, instances, classes]
        optimiser.zero_grad()
        cross_entropy(local.flatten(0, 1), y.repeat(len(local))).backward()
        optimiser.step()
    x = torch.randn(1000, 8, 1)
    with torch.no_grad():
        right = net(x).argmax(-1) == (x[:, 0, 0] * x[:, 1, 0] > 0).long()
    accuracy = float(right.double().mean())
    print(f"after {steps} steps: {accuracy:.1%}")
    return accuracy


if __name__ == "__main__":
    main()
