"""What every language model can be asked beyond its answer, whether it fills masks or goes on with a text."""

from __future__ import annotations

from typing import Any

from core.questions import (
    LogitLens,
    PartAblation,
    PatchedRun,
    SentenceLens,
    TargetComparison,
    TokenSurprisal,
    WordAttribution,
)
from core.tasks.explaining.ablation import ablate_word
from core.tasks.explaining.attribution import explain_word
from core.tasks.explaining.logit_lens import lens_everywhere, logit_lens
from core.tasks.explaining.patching import patch
from core.tasks.explaining.surprisal import judge_tokens
from core.tasks.mask_filling import compare_targets

Deeper = LogitLens | SentenceLens | TargetComparison | PartAblation | PatchedRun | WordAttribution | TokenSurprisal
"""A question about an answer."""


def answer_deeper(model: Any, device: str, tokenizer: Any, question: Deeper) -> Any:
    """Answer one; token ids are named as the vocabulary has them."""

    def named(id: int) -> str:
        return tokenizer.decode([id])

    match question:
        case TargetComparison():
            return compare_targets(model, device, question)
        case PartAblation():
            return tuple(ablate_word(model, device, question).named(named))
        case PatchedRun():
            return tuple(patch(model, device, question).named(named))
        case WordAttribution():
            return explain_word(model, device, tokenizer, question)
        case TokenSurprisal():
            return judge_tokens(model, device, tokenizer, question)
        case SentenceLens():
            return lens_everywhere(model, device, question).named(named)
        case LogitLens():
            rows = logit_lens(model, device, question)
            return [[(named(id), top, answer, rank) for id, top, answer, rank in mask] for mask in rows]
