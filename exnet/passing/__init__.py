"""Message-passing modules of PyG for a plan: up pass, down pass, local update. Importing it loads no torch."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exnet.passing.building import build
    from exnet.passing.net import ExtractionNet

__all__ = ["ExtractionNet", "build"]


def __getattr__(name: str) -> Any:
    if name == "build":
        from exnet.passing.building import build

        return build
    if name == "ExtractionNet":
        from exnet.passing.net import ExtractionNet

        return ExtractionNet
    raise AttributeError(f"module `exnet.passing` has no attribute `{name}`")
