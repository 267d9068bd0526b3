"""What the core answers with: frozen dataclasses of plain data, with no torch and no Discord in them."""

from typing import TypeAlias

from core.results.ablation import Ablation, Guess, HeadsOff, Part, Removal
from core.results.attention import AttentionMap, Norms
from core.results.attention_row import AttentionRow
from core.results.drawing import Drawing, Table
from core.results.exercise import Step, WorkedExercise
from core.results.explanation import Explanation, WordContribution
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
    | Written
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
    "Candidate",
    "Chance",
    "DecodedText",
    "Drawing",
    "Explanation",
    "Filling",
    "Guess",
    "HeadsOff",
    "LayerPrediction",
    "LayerPredictions",
    "ModelInfo",
    "NextToken",
    "Norms",
    "Part",
    "ProblemType",
    "Removal",
    "Result",
    "Sampling",
    "Score",
    "Sentiment",
    "SentimentBatch",
    "Step",
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
    "WorkedExercise",
    "Written",
    "settling_layer",
]
