"""Optimisers and schedules of torch, as a rule's options name them."""

from collections.abc import Iterable, Mapping
from functools import partial
from math import cos, pi

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from exnet.spec.rule import LearningRule, Optimiser, Schedule

FUSED_DEVICES = ("cpu", "cuda")
"""Where torch has one kernel for a whole step of Adam."""


def make_optimiser(parameters: Iterable[Parameter], options: Optimiser) -> Optimizer:
    """The optimiser over stacks of parameters, fused where torch can."""
    parameters = list(parameters)
    fused = all(p.device.type in FUSED_DEVICES and p.is_floating_point() for p in parameters)
    if options.kind == "adam":
        return Adam(parameters, options.lr, options.betas, weight_decay=options.decay, fused=fused)
    if options.kind == "adamw":
        return AdamW(parameters, options.lr, options.betas, weight_decay=options.decay, fused=fused)
    return SGD(parameters, options.lr, options.momentum, weight_decay=options.decay, fused=fused)


def optimiser_tensors(net: nn.Module, optimiser: Optimizer) -> dict[str, Tensor]:
    """What the optimiser of a net remembers, as `parameter/name`."""
    names = {id(parameter): name for name, parameter in net.named_parameters()}
    return {
        f"{names[id(parameter)]}/{key}": value
        for parameter, state in optimiser.state.items()
        for key, value in state.items()
        if isinstance(value, Tensor)
    }


def restore_optimiser(net: nn.Module, optimiser: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Takes up what `optimiser_tensors` gave.

    Raises:
        ValueError: a tensor belongs to no parameter.
    """
    number = {name: i for i, (name, _) in enumerate(net.named_parameters())}
    state = dict[int, dict[str, Tensor]]()
    for name, value in tensors.items():
        parameter, _, key = name.rpartition("/")
        if parameter not in number:
            raise ValueError(f"there is no parameter `{parameter}`")
        state.setdefault(number[parameter], {})[key] = value.clone()
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def make_schedule(optimiser: Optimizer, rule: LearningRule, steps: int, done: int = 0) -> LambdaLR:
    """The schedule over `steps` steps, of which `done` are done; it moves once a step."""
    for group in optimiser.param_groups:
        group["initial_lr"] = rule.optimiser.lr
    return LambdaLR(optimiser, partial(factor, rule.schedule, steps), last_epoch=done - 1)


def factor(schedule: Schedule, steps: int, step: int) -> float:
    """What the learning rate is multiplied by at `step` of `steps`: a linear rise over the warm-up, then the decay."""
    if step < schedule.warmup:
        return (step + 1) / (schedule.warmup + 1)
    progress = min(1.0, (step - schedule.warmup) / max(1, steps - schedule.warmup))
    if schedule.kind == "cosine":
        return 0.5 * (1.0 + cos(pi * progress))
    return 1.0 - progress if schedule.kind == "linear" else 1.0


def clip_rows(parameters: Iterable[Parameter], limit: float) -> None:
    """Scales row r of the gradients of all `parameters` together to a norm of at most `limit`, for every r.

    Shapes:
        every parameter [rows, ..]: those of one stack, a row for each sharing class.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return
    norms = torch.stack([g.flatten(1).square().sum(1) for g in gradients]).sum(0).sqrt()
    scale = (limit / norms.clamp_min(1e-12)).clamp_max(1.0)
    for gradient in gradients:
        gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))
