"""What the core answers with: frozen dataclasses of plain data, with no torch and no Discord in them."""

from core.results.answers import (
    TOO_CLOSE,
    Candidate,
    Explained,
    Filling,
    Guess,
    Layered,
    Reason,
    Score,
    Sentiment,
    Target,
    Unmasked,
    Variants,
    settled,
)
from core.results.attention import AttentionMap, Norms, Worked
from core.results.drawing import Drawing, Table
from core.results.texts import MASKS, ModelInfo, Token, Tokenization

__all__ = [
    "MASKS",
    "TOO_CLOSE",
    "AttentionMap",
    "Candidate",
    "Drawing",
    "Explained",
    "Filling",
    "Guess",
    "Layered",
    "ModelInfo",
    "Norms",
    "Reason",
    "Score",
    "Sentiment",
    "Table",
    "Target",
    "Token",
    "Tokenization",
    "Unmasked",
    "Variants",
    "Worked",
    "settled",
]
