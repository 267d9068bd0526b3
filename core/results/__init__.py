"""What the core answers with: frozen dataclasses of plain data, with no torch and no Discord in them."""

from typing import TypeAlias

from core.results.attention import AttentionMap, Norms
from core.results.bottleneck import Bottleneck, BottleneckRow, Writing
from core.results.drawing import Drawing, Table
from core.results.exercise import Step, WorkedExercise
from core.results.explaining.ablation import Ablation, Guess, HeadsOff, Part, Removal
from core.results.explaining.attention_row import AttentionRow
from core.results.explaining.explanation import Choice, Explanation, WordContribution, explained_words
from core.results.explaining.lens import LensMap, WordPath
from core.results.explaining.patching import Patching
from core.results.explaining.surprisal import JudgedToken, Surprisal
from core.results.lessons import BlockMoves, FillOrContinue, Positions, Saturation
from core.results.sentiment import (
    TOO_CLOSE,
    ProblemType,
    Score,
    Sentiment,
    SentimentBatch,
    Variants,
    WindowScores,
)
from core.results.tokenization import MASKS, DecodedText, ModelInfo, Token, Tokenization, TokenizerComparison
from core.results.two_models import TwoFillings, TwoMaps, TwoModels, TwoSentiments
from core.results.unmask import Candidate, Filling, LayerPrediction, LayerPredictions, Target, Unmasked, settling_layer
from core.results.written import Chance, NextToken, Sampling, Written

Result: TypeAlias = (
    Sentiment
    | SentimentBatch
    | Variants
    | Explanation
    | Ablation
    | Unmasked
    | LayerPredictions
    | LensMap
    | Patching
    | Written
    | Surprisal
    | Tokenization
    | TokenizerComparison
    | DecodedText
    | AttentionMap
    | AttentionRow
    | WorkedExercise
    | TwoSentiments
    | TwoFillings
    | TwoMaps
)
"""Whatever a question is answered with."""

__all__ = [
    "MASKS",
    "TOO_CLOSE",
    "Ablation",
    "AttentionMap",
    "AttentionRow",
    "BlockMoves",
    "Bottleneck",
    "BottleneckRow",
    "Candidate",
    "Chance",
    "Choice",
    "DecodedText",
    "Drawing",
    "Explanation",
    "FillOrContinue",
    "Filling",
    "Guess",
    "HeadsOff",
    "JudgedToken",
    "LayerPrediction",
    "LayerPredictions",
    "LensMap",
    "ModelInfo",
    "NextToken",
    "Norms",
    "Part",
    "Patching",
    "Positions",
    "ProblemType",
    "Removal",
    "Result",
    "Sampling",
    "Saturation",
    "Score",
    "Sentiment",
    "SentimentBatch",
    "Step",
    "Surprisal",
    "Table",
    "Target",
    "Token",
    "Tokenization",
    "TokenizerComparison",
    "TwoFillings",
    "TwoMaps",
    "TwoModels",
    "TwoSentiments",
    "Unmasked",
    "Variants",
    "WindowScores",
    "WordContribution",
    "WordPath",
    "WorkedExercise",
    "Writing",
    "Written",
    "explained_words",
    "settling_layer",
]
