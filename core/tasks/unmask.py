"""Masked words: the fill-mask pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForMaskedLM

from core.questions import JointFilling
from core.tasks.engine.loading import refusing
from core.tasks.engine.output_heads import logits_at
from core.tasks.engine.padding import can_fill_up
from core.tasks.engine.pipelines import PipelineTask, encode, load_pipeline
from core.tasks.explaining.deeper import Deeper, answer_deeper
from core.tasks.mask_filling import fill_jointly

CandidateRow = tuple[int, str, float, str]
"""A candidate as plain data: token id, word, probability, the sentence with it."""

More = JointFilling | Deeper
"""Something more about a text."""

Question = tuple[str, int] | More
"""A text and how many words per mask, or something more."""


class UnmaskTask(PipelineTask):
    """Finds the most probable words for each mask, and says how it came to them."""

    def __init__(self, folder: str, device: str) -> None:
        super().__init__(load_pipeline("unmask", "fill-mask", AutoModelForMaskedLM, folder, device), device)
        with refusing("unmask", folder):
            can_fill_up(self.model)  # tried while it computes in float32

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
            logits_of_masks = logits_at(self.model, one.places(masks), narrow=True, **one.inputs)
            for text, logits in zip(one.texts, logits_of_masks, strict=True):
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

    def _more(self, question: More) -> Any:
        model, tokenizer = self._pipeline.model, self._pipeline.tokenizer
        if not isinstance(question, JointFilling):
            return answer_deeper(model, self._device, tokenizer, question)
        decode = tokenizer.decode
        return [
            (
                [decode([filling.ids[place]]) for place in question.masks],
                [question.masks.index(place) for place in filling.order],
                filling.chances,
                decode(filling.ids, skip_special_tokens=True),
            )
            for filling in fill_jointly(model, self._device, question)
        ]


def _masks(answer: list[Any]) -> list[list[dict[str, Any]]]:
    """The pipeline gives a list of candidates for one mask, and a list of such lists for several."""
    return answer if isinstance(answer[0], list) else [answer]


def _row(found: dict[str, Any]) -> CandidateRow:
    return found["token"], found["token_str"], found["score"], found["sequence"]
