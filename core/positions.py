"""What tells attention where a row stands: without it, a sentence is a bag of words."""

from __future__ import annotations

import torch

BASE = 10000.0
"""Of the wavelengths, which grow from 2π to nearly 10000 · 2π."""


def sinusoidal_positions(count: int, width: int) -> torch.Tensor:
    """PE(p, 2i) = sin(p / 10000^(2i/d)) and PE(p, 2i + 1) = cos(p / 10000^(2i/d)).

    The encodings of section 3.5 of “Attention Is All You Need” (arXiv:1706.03762), to be added to the rows.

    Args:
        count: Rows; the first is position 0.
        width: d, their columns.

    Returns:
        ``(count, width)``, float32.
    """
    angles = _angles(count, (width + 1) // 2, width)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)[:, :width]


def rotary_angles(count: int, width: int) -> torch.Tensor:
    """Position · θᵢ with θᵢ = 10000^(-2i/d): equation 15 of Su et al. 2021 (arXiv:2104.09864), i from 0.

    Returns:
        ``(count, width / 2)`` in radians, float32: one angle for each pair of columns.
    """
    return _angles(count, width // 2, width)


def rotate(rows: torch.Tensor) -> torch.Tensor:
    """Turn each pair of neighbouring columns by its angle: equations 14 and 15 of Su et al. 2021 (arXiv:2104.09864).

    The product of a query and a key that are turned so depends on how far apart they stand, not on where.

    Args:
        rows: ``(..., N, d)`` with an even d; the first row is position 0, which is not turned.
    """
    angles = rotary_angles(*rows.shape[-2:]).to(rows.device, torch.promote_types(rows.dtype, torch.float32))
    even, odd = rows[..., 0::2], rows[..., 1::2]
    turned = (even * angles.cos() - odd * angles.sin(), even * angles.sin() + odd * angles.cos())
    return torch.stack(turned, dim=-1).flatten(-2).to(rows.dtype)


def _angles(count: int, pairs: int, width: int) -> torch.Tensor:
    """The angle of each position in each pair of columns; computed in float64, as far positions turn often."""
    frequencies = BASE ** (-2 * torch.arange(pairs, dtype=torch.float64) / width)
    return torch.outer(torch.arange(count, dtype=torch.float64), frequencies).float()
