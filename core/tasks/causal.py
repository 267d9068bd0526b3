"""What comes next: a causal language model, which reads from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.questions import Continuation, NextToken
from core.tasks.engine.loading import PROBE, check_answers, check_ids, load_model, refusing
from core.tasks.engine.padding import can_fill_up, share_passes
from core.tasks.explaining.deeper import Deeper, answer_deeper
from core.tasks.mask_filling import AT_ONCE, probabilities_at
from core.tasks.unmask import CandidateRow
from core.tasks.writing import continue_text, find_cache

More = Continuation | Deeper
Question = NextToken | More


class CausalTask:
    """Finds the most probable next tokens of a text, and says how the model came to them.

    Attributes:
        model: The model; another precision of it may take its place.

    Raises:
        ModelUnavailable: It cannot be loaded.
    """

    padding = 0

    def __init__(self, folder: str, device: str) -> None:
        self._device = device
        with refusing("unmask", folder):
            self.model = load_model(AutoModelForCausalLM, folder, device)
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            ids = self._tokenizer(PROBE)["input_ids"]
            check_ids(self.model, ids)
            check_answers(self.model, input_ids=torch.tensor([ids]))
            can_fill_up(self.model)  # tried while it computes in float32
            find_cache(self.model)  # which also tries its head: Llama 4 hides what that gets

    def run(self, payloads: Sequence[Question]) -> list[Any]:
        """Answer each question as `core.tasks.unmask.UnmaskTask` does, with a single mask: what comes next."""
        plain = [payload for payload in payloads if isinstance(payload, NextToken)]
        found = iter(self._next(plain) if plain else ())
        return [next(found) if isinstance(payload, NextToken) else self._more(payload) for payload in payloads]

    def decisions(self, texts: Sequence[str]) -> list[int]:
        """The token that it would write in the place of each text's last word."""
        asked = [NextToken(tuple(self._tokenizer(text.rpartition(" ")[0])["input_ids"]), 1) for text in texts]
        return [masks[0][0][0] for masks in self._next(asked)]

    def _next(self, questions: Sequence[NextToken]) -> list[list[list[CandidateRow]]]:
        rows = [question.ids for question in questions]
        for sizes in ([len(rows[number]) for number in part] for part in share_passes(self.model, rows, AT_ONCE)):
            self.padding += max(sizes) * len(sizes) - sum(sizes)
        chances = probabilities_at(self.model, self._device, rows, [(len(ids) - 1,) for ids in rows])
        found: list[list[list[CandidateRow]]] = []
        for question, (row,) in zip(questions, chances, strict=True):
            best = row.topk(min(question.top, len(row)))
            ranked = zip(best.indices.tolist(), best.values.tolist(), strict=True)
            decode = self._tokenizer.decode
            found.append([[(id, decode([id]), chance, decode([*question.ids, id])) for id, chance in ranked]])
        return found

    def _more(self, question: More) -> Any:
        if isinstance(question, Continuation):
            return tuple(continue_text(self.model, self._device, question))
        return answer_deeper(self.model, self._device, self._tokenizer, question)
