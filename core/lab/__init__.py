"""Attention by hand: the small matrices of an exercise, as people type them."""

from core.lab.exercise import KINDS, POSITIONS, PRODUCTS, Exercise, Kind, Scale
from core.lab.matrices import GREATEST, LARGEST, MASKED_BELOW, SEED, SEEDS, Matrix
from core.lab.parsing import BLOCK, ENCODINGS, parse_exercise

__all__ = [
    "BLOCK",
    "ENCODINGS",
    "GREATEST",
    "KINDS",
    "LARGEST",
    "MASKED_BELOW",
    "POSITIONS",
    "PRODUCTS",
    "SEED",
    "SEEDS",
    "Exercise",
    "Kind",
    "Matrix",
    "Scale",
    "parse_exercise",
]
