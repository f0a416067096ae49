import torch

torch.set_num_threads(1)  # small nets: more threads only wait for each other
