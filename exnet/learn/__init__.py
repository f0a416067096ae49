"""Learning rules, one file each, and the one training loop. Importing this loads no torch.

from exnet.learn.loop import Run
result = Run(net, exnet.data.fit(net.spec, exnet.data.load("digits")), net.spec.learn, seed=0).train()
"""
