"""The limits on what one spec may ask for. Each can be raised on the command line; reaching one is exit code 3."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults; reasons in docs/limits.md."""

    vertices: int = 2 * 10**7
    arcs: int = 10**8
    scanned: int = 5 * 10**7
    children: int = 65_536
    rank: int = 6
    equations: int = 10_000
    block_depth: int = 32
    applications: int = 10_000
    deep_levels: int = 2_000_000
    parameters: int = 2 * 10**9
