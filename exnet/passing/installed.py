"""Networks of installed packages are tried out before a net is made of them."""

from exnet.nets.installed import try_out
from exnet.nets.registry import NETS, implementation
from exnet.plan.model import Plan


def check_installed(plan: Plan) -> None:
    """Applies the network of every stack that is not exnet's own to zeros.

    Raises:
        ExnetError: EXN473 to EXN475, if one cannot be computed.
    """
    seen = list[object]()
    for stack in plan.stacks:
        about = (stack.network, stack.signature)
        if stack.network.kind not in NETS and about not in seen:
            seen.append(about)
            try_out(stack.network, implementation(stack.network), stack.signature)
