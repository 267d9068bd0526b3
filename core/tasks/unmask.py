"""Masked words: the fill-mask pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForMaskedLM

from core.questions import JointFilling, LogitLens, PartAblation, TargetComparison, TokenSurprisal, WordAttribution
from core.tasks.explaining.ablation import ablate_word
from core.tasks.explaining.attribution import explain_word
from core.tasks.explaining.logit_lens import logit_lens
from core.tasks.explaining.surprisal import judge_tokens
from core.tasks.mask_filling import compare_targets, fill_jointly
from core.tasks.output_heads import logits_at
from core.tasks.pipelines import PipelineTask, encode, load_pipeline

CandidateRow = tuple[int, str, float, str]
"""A candidate as plain data: token id, word, probability, the sentence with it."""

Deeper = LogitLens | JointFilling | TargetComparison | PartAblation | WordAttribution | TokenSurprisal
"""Something more about a text."""

Question = tuple[str, int] | Deeper
"""A text and how many words per mask, or something more."""


class UnmaskTask(PipelineTask):
    """Finds the most probable words for each mask, and says how it came to them."""

    def __init__(self, folder: str, device: str) -> None:
        super().__init__(load_pipeline("unmask", "fill-mask", AutoModelForMaskedLM, folder, device), device)

    def run(self, payloads: Sequence[Question]) -> list[Any]:
        """For each ``(text, top)`` the `top` candidates of each mask, the most probable first.

        For the answers to the other questions see the functions that give them.
        """
        plain = [payload for payload in payloads if isinstance(payload, tuple)]
        candidates = iter(self._candidates(plain) if plain else ())
        return [next(candidates) if isinstance(payload, tuple) else self._more(payload) for payload in payloads]

    @torch.inference_mode()
    def decisions(self, texts: Sequence[str]) -> list[int]:
        """The token that it would put in the place of each text's last word."""
        mask = self._pipeline.tokenizer.mask_token
        masked = [(f"{text.rpartition(' ')[0]} {mask}.", 1) for text in texts]
        return [masks[0][0][0] for masks in self._candidates(masked)]

    def _candidates(self, payloads: Sequence[tuple[str, int]]) -> list[list[list[CandidateRow]]]:
        texts = encode(self._pipeline, [text for text, _ in payloads])
        mask = self._pipeline.tokenizer.mask_token_id
        masks = [(row["input_ids"][0] == mask).nonzero()[:, 0].tolist() for row in texts]
        found = [list[list[CandidateRow]]()] * len(texts)
        for one in self._passes(texts):
            for text, logits in zip(one.texts, logits_at(self.model, one.places(masks), **one.inputs), strict=True):
                found[text] = self._best(texts[text]["input_ids"], masks[text], logits, payloads[text][1])
        return found

    def _best(self, ids: torch.Tensor, masks: list[int], logits: torch.Tensor, top: int) -> list[list[CandidateRow]]:
        """The candidates of each mask, by the pipeline; of the logits of all positions it reads those of the masks."""
        everywhere = torch.empty(*ids.shape, logits.shape[-1])
        everywhere[0, masks] = logits
        answer = self._pipeline.postprocess(
            {"input_ids": ids, "logits": everywhere}, min(top, len(self._pipeline.tokenizer))
        )
        return [[_row(candidate) for candidate in mask] for mask in _masks(answer)]

    def _more(self, question: Deeper) -> Any:
        model, tokenizer = self._pipeline.model, self._pipeline.tokenizer
        decode = tokenizer.decode
        match question:
            case TargetComparison():
                return compare_targets(model, self._device, question)
            case JointFilling():
                return [
                    (
                        [decode([filling.ids[place]]) for place in question.masks],
                        [question.masks.index(place) for place in filling.order],
                        filling.chances,
                        decode(filling.ids, skip_special_tokens=True),
                    )
                    for filling in fill_jointly(model, self._device, question)
                ]
            case PartAblation():
                return tuple(ablate_word(model, self._device, question).named(lambda id: decode([id])))
            case WordAttribution():
                return explain_word(model, self._device, tokenizer, question)
            case TokenSurprisal():
                return judge_tokens(model, self._device, tokenizer, question)
            case LogitLens():
                rows = logit_lens(model, self._device, question)
                return [[(decode([id]), top, answer, rank) for id, top, answer, rank in mask] for mask in rows]


def _masks(answer: list[Any]) -> list[list[dict[str, Any]]]:
    """The pipeline gives a list of candidates for one mask, and a list of such lists for several."""
    return answer if isinstance(answer[0], list) else [answer]


def _row(found: dict[str, Any]) -> CandidateRow:
    return found["token"], found["token_str"], found["score"], found["sequence"]
