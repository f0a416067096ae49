"""Sizes in words."""


def readable(size: int) -> str:
    """Bytes in the largest unit that leaves at least one: `1.5 MiB`."""
    amount, unit = float(size), "bytes"
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{size:,} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
