"""What a device can be asked beyond a command's first answer: plain data, sent to the task whose model it is about."""

from core.questions.attention import CrossAttention, TextPair, WeightSources
from core.questions.explaining import LogitLens, PartAblation, PatchedRun, SentenceLens, TokenSurprisal, WordAttribution
from core.questions.lessons import PartMoves, PositionVectors, WritingWithout
from core.questions.sentiment import WindowedText
from core.questions.tokenizer import SerialisedTokenizer, TokenizerFiles
from core.questions.words import Continuation, JointFilling, NextToken, TargetComparison

__all__ = [
    "Continuation",
    "CrossAttention",
    "JointFilling",
    "LogitLens",
    "NextToken",
    "PartAblation",
    "PartMoves",
    "PatchedRun",
    "PositionVectors",
    "SentenceLens",
    "SerialisedTokenizer",
    "TargetComparison",
    "TextPair",
    "TokenSurprisal",
    "TokenizerFiles",
    "WeightSources",
    "WindowedText",
    "WordAttribution",
    "WritingWithout",
]
