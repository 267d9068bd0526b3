"""What the core answers with: frozen dataclasses of plain data, with no torch and no Discord in them."""

from core.results.attention import AttentionMap, Norms, Worked
from core.results.drawing import Drawing, Table
from core.results.sentiment import (
    TOO_CLOSE,
    Explained,
    Reason,
    Score,
    Sentiment,
    Several,
    Variants,
    Window,
)
from core.results.tokenization import MASKS, Comparison, Decoded, ModelInfo, Token, Tokenization
from core.results.unmask import Candidate, Filling, Guess, Layered, Target, Unmasked, settled

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
