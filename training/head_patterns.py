"""Which attention heads of a model do what, measured over many texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from core.maps import measures
from core.results import Token
from training.corpus import Ids
from training.vocabularies import SPECIAL, tokens_by_id

PATTERNS = ("previous", "next", "same", "separator")


@torch.no_grad()
def find_pattern_heads(folder: Path, tokenizer: Tokenizer, texts: Sequence[Ids]) -> dict[str, tuple[int, int, float]]:
    """Find for each of `PATTERNS` and for ``broad`` the layer, the head (counted from 1) and how clearly it does it.

    Clearness is the share of the head's attention on the pattern, or for ``broad`` its normalised entropy; the mean
    over all texts.
    """
    model = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    vocabulary = tokens_by_id(tokenizer)
    scores: dict[str, list[np.ndarray]] = {name: [] for name in (*PATTERNS, "broad")}
    for ids in texts:
        attentions = model(torch.from_numpy(ids)[None], output_attentions=True).attentions
        weights = torch.stack(attentions)[:, 0].numpy()
        tokens = tuple(Token(i, vocabulary[i], 0, 0, special=vocabulary[i] in SPECIAL) for i in ids.tolist())
        flags = measures.patterns(tokens)
        for name, score in measures.pattern_scores(weights, {name: flags[name] for name in PATTERNS}).items():
            scores[name].append(score)
        scores["broad"].append(measures.entropy(weights).mean(axis=-1))
    means = {name: np.mean(found, axis=0) for name, found in scores.items()}
    return {name: (*_where(mean), float(mean.max())) for name, mean in means.items()}


def _where(mean: np.ndarray) -> tuple[int, int]:
    layer, head = np.unravel_index(int(mean.argmax()), mean.shape)
    return int(layer) + 1, int(head) + 1
