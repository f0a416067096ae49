"""Whether a network can have the widths of its component. A package's declaration is not trusted to be one."""

from typing import cast

from exnet.spec.network import Initial, Network, Parameter, Signature

INITIAL_KINDS = ("uniform", "normal", "orthogonal", "constant")


def misfit(network: Network, signature: Signature) -> str | None:
    """Why a network cannot have this signature, as a lower-case sentence; None if it can."""
    if type(network).__module__.startswith("exnet."):
        return network.problem(signature)
    try:
        problem = network.problem(signature)
        return problem or _flaw(network.parameters(signature), network.flops(signature))
    except Exception as error:  # code of a package that is not ours: whatever it raises is reported
        return f"the declaration of `{network.kind}` fails: {type(error).__name__}: {error}"


def _flaw(parameters: object, flops: object) -> str | None:
    """What a declaration gives that is no tuple of parameters, or no number of operations."""
    if not isinstance(parameters, tuple) or not all(isinstance(p, Parameter) for p in parameters):
        return f"`parameters` must give a tuple of `Parameter`, and gives {type(parameters).__name__}"
    if not isinstance(flops, int) or flops < 0:
        return f"`flops` must give an integer that is at least 0, and gives {flops!r}"
    names = [p.name for p in parameters]
    if len(set(names)) < len(names):
        return f"two of its parameters have one name: {', '.join(names)}"
    return next(filter(None, map(_parameter_flaw, parameters)), None)


def _parameter_flaw(parameter: Parameter) -> str | None:
    if not parameter.name.isidentifier():
        return f"the name of a parameter is an identifier; `{parameter.name}` is not"
    shape, initial = cast(object, parameter.shape), cast(object, parameter.initial)
    if not isinstance(shape, tuple) or not all(type(size) is int and size > 0 for size in parameter.shape):
        return f"the shape of its parameter `{parameter.name}` must be positive integers; {parameter.shape!r} is not"
    if not isinstance(initial, Initial) or initial.kind not in INITIAL_KINDS:
        kinds = ", ".join(f"`{kind}`" for kind in INITIAL_KINDS)
        return f"its parameter `{parameter.name}` must start in one of the ways {kinds}"
    if initial.kind == "orthogonal" and len(parameter.shape) != 2:
        return f"its parameter `{parameter.name}` starts orthogonal, and is no matrix"
    return None
