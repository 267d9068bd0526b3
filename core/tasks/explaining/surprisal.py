"""How probable each token of a text is to a language model, in bits: what surprises it.

A causal model judges each token by what stands before it. A masked model judges those of a word with all the others in
sight and the whole word hidden: a pseudo-log-likelihood (Salazar et al. 2020, arXiv:1910.14659), by whole words, whose
pieces would give each other away (Kauf and Ivanova 2023, arXiv:2305.10588).
"""

from __future__ import annotations

import math
from typing import Any

import torch

from core.questions import TokenSurprisal
from core.tasks.engine.loading import check_ids
from core.tasks.mask_filling import logits_in

JudgedToken = tuple[int, float, list[tuple[str, float]]]
"""A position, the bits of its token, and the most probable tokens there, as text, with their probabilities."""


@torch.inference_mode()
def judge_tokens(model: Any, device: str, tokenizer: Any, question: TokenSurprisal) -> list[JudgedToken]:
    """The surprisal -log2 p of each token that is asked about.

    Raises:
        Exception: The model cannot read that: see `check_ids`.
    """
    check_ids(model, question.ids)
    places = [place for word in question.words for place in word]
    if not places:
        return []
    if question.mask is None:
        rows, wanted = [question.ids], [[place - 1 for place in places]]
    else:
        rows = [_hide(question.ids, word, question.mask) for word in question.words]
        wanted = [list(word) for word in question.words]
    logs = torch.cat(logits_in(model, device, rows, wanted)).double().log_softmax(dim=-1)
    own = logs.gather(-1, torch.tensor([[question.ids[place]] for place in places]))[:, 0]
    best = logs.topk(min(question.top, logs.shape[-1]))
    rows_of_best = zip(best.indices.tolist(), best.values.exp().tolist(), strict=True)
    expected = [[(tokenizer.decode([id]), chance) for id, chance in zip(*row, strict=True)] for row in rows_of_best]
    return list(zip(places, (own / -math.log(2)).tolist(), expected, strict=True))


def _hide(ids: tuple[int, ...], word: tuple[int, ...], mask: int) -> list[int]:
    return [mask if place in word else id for place, id in enumerate(ids)]
