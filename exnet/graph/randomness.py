"""Random numbers as a pure function of what they are for, never of the order in which they are asked for.

    bits(seed, purpose, a, b, ..) = mix(.. mix(mix(mix(seed) + purpose) + a) + b ..)

where `mix` is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) after an odd increment. Arguments may be
arrays and broadcast. numpy only, so that the front end, the reference interpreter and the runtime can all use it.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Hashes = NDArray[np.uint64]
_INCREMENT, _FIRST, _SECOND = (np.uint64(c) for c in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def hash_text(text: str) -> np.uint64:
    """A 64-bit hash of a text, the same on every machine."""
    return np.uint64(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little"))


def mix(state: ArrayLike, value: ArrayLike) -> Hashes:
    """One step of the chain: a bijection of `state + increment`, after `value` has been folded in."""
    with np.errstate(over="ignore"):
        z = (_as_bits(state) ^ _spread(_as_bits(value))) + _INCREMENT
        return _finalise(z)


def _spread(value: Hashes) -> Hashes:
    """Keeps small counters from cancelling one another."""
    return _finalise(value * _INCREMENT)


def _finalise(z: Hashes) -> Hashes:
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


def _as_bits(value: ArrayLike) -> Hashes:
    array = np.asarray(value)
    return array if array.dtype == np.uint64 else array.astype(np.int64).view(np.uint64)


def hash_columns(start: ArrayLike, columns: NDArray[np.int64]) -> Hashes:
    """Folds the columns of an integer table [rows, columns] into a hash for each row, uint64 [rows]."""
    state = np.broadcast_to(_as_bits(start), columns.shape[:1])
    for column in columns.T:
        state = mix(state, column)
    return np.array(state, dtype=np.uint64)


def bits(seed: int, purpose: str, *names: ArrayLike) -> Hashes:
    """64 random bits for each element of the broadcast `names` (hashes, steps, instances, positions)."""
    state: Hashes = mix(np.uint64(seed % 2**64), hash_text(purpose))
    for name in names:
        state = mix(state, name)
    return state


def uniform(seed: int, purpose: str, *names: ArrayLike) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1), 53 bits each; arguments as of `bits`."""
    return (bits(seed, purpose, *names) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(seed: int, purpose: str, *names: ArrayLike) -> NDArray[np.float64]:
    """Standard normal numbers (Box and Muller 1958); arguments as of `bits`."""
    radius = np.sqrt(-2.0 * np.log1p(-uniform(seed, purpose + "/radius", *names)))
    return radius * np.cos(2.0 * np.pi * uniform(seed, purpose + "/angle", *names))
