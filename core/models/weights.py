"""How large a model's weights are, by the headers of their files. No weight is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.models.config_file import SMALL, parsed, read_small, texts

WEIGHTS = "model.safetensors"
INDEX = f"{WEIGHTS}.index.json"
"""The file of all weights, and the one that says over which they are spread where there are several."""

HEADER = 8
"""Bytes at the start of a safetensors file that say how long its header is (little-endian)."""

LOADED = 4
"""Bytes of a weight in memory: models are loaded in float32."""

WIDTHS: Mapping[str, int] = {
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "I8", "U8", "BOOL"), 1),
}
"""Bytes of a number in a file, by what its header calls it, where they are not `LOADED`."""


def shards(index: Path) -> list[str]:
    """The files that an index spreads weights over; none if it cannot be read, which is noticed by itself."""
    try:
        names = [*parsed(read_small(index))["weight_map"].values()]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []
    return sorted({*names}) if texts(names) and all(Path(name).name == name for name in names) else []


def measure(path: Path) -> tuple[int, int]:
    """The bytes that a safetensors file must have by its own header, and those that its weights take when loaded.

    Raises:
        OSError: It cannot be read.
        ValueError: It has no such header.
    """
    if not path.is_file():  # but a device or pipe that may never end
        raise ValueError(f"{path.name} is no file")
    with path.open("rb") as file:
        length = int.from_bytes(file.read(HEADER), "little")
        header = parsed(file.read(min(length, SMALL)))
    try:
        tensors = [_extent(tensor) for name, tensor in header.items() if name != "__metadata__"]
    except (AttributeError, LookupError, TypeError):
        raise ValueError(f"{path.name} has no header") from None
    end = max((end for _, end, _ in tensors), default=0)
    return HEADER + length + end, sum((end - start) * LOADED // width for start, end, width in tensors)


def _extent(tensor: Any) -> tuple[int, int, int]:
    """Where a tensor begins and ends, and the bytes of one of its numbers."""
    start, end = tensor["data_offsets"]
    if not (type(start) is type(end) is int and 0 <= start <= end):
        raise TypeError
    return start, end, WIDTHS.get(tensor.get("dtype"), LOADED)


def sizes(folder: Path, width: int) -> tuple[int, int]:
    """The bytes of a folder's weights on the disk, and when they are loaded.

    Args:
        folder: Where they are, in the order in which transformers looks for them.
        width: Bytes of a number in a file whose header is not right, and so may say anything.
    """
    names = [WEIGHTS] if (folder / WEIGHTS).is_file() else shards(folder / INDEX)
    found = [_sizes(folder / name, width) for name in names if (folder / name).is_file()]
    return sum(size for size, _ in found), sum(loaded for _, loaded in found)


def _sizes(path: Path, width: int) -> tuple[int, int]:
    size = path.stat().st_size
    try:
        said, loaded = measure(path)
    except (OSError, ValueError):
        said, loaded = -1, 0
    return size, loaded if said == size else size * LOADED // width
