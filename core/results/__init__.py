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
    Several,
    Target,
    Unmasked,
    Variants,
    Window,
    settled,
)
from core.results.attention import AttentionMap, Norms, Worked
from core.results.drawing import Drawing, Table
from core.results.texts import MASKS, Comparison, Decoded, ModelInfo, Token, Tokenization

__all__ = [
    "MASKS",
    "TOO_CLOSE",
    "AttentionMap",
    "Candidate",
    "Comparison",
    "Decoded",
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
    "Several",
    "Table",
    "Target",
    "Token",
    "Tokenization",
    "Unmasked",
    "Variants",
    "Window",
    "Worked",
    "settled",
]
