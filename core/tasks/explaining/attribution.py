"""Which words speak for an answer: integrated gradients, and a check that anybody can repeat by hand.

An answer is a label of a classifier, or a token that a language model puts at a mask or writes next. What is explained
is its logit, or by how much it is above that of another answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.errors import BadInput
from core.questions import WordAttribution
from core.tasks.engine.loading import check_ids, padding_of
from core.tasks.engine.output_heads import run_head

FEWEST, MOST = 16, 128
"""Steps of the integral: doubled until the error is small, or up to the most."""

SMALL = 0.05
"""An error of the sum that is good enough, as a share of what is to be explained."""

CLOSE = 1e-3
"""How far an answer to embeddings may be from that to the words themselves: nothing but rounding."""

AT_ONCE = 512
"""Tokens per forward and backward pass, for each of which BERT-base keeps 0.4 MiB. More are not faster on a CPU."""

CHOICES = 24
"""How many tokens can be asked about: those that somebody wants to compare, and the most probable ones."""

Gradient = Callable[[Tensor], Tensor]

Answering = Callable[..., Tensor]
"""What a model answers to rows, given as its inputs by name: logits ``(rows, choices)``."""


class Attribution(NamedTuple):
    """What speaks for an answer, or for it rather than another.

    Attributes:
        answer: The number of its label, or the id of its token.
        rather: That of the answer that it is compared with, if any.
        logit: Its logit for the text, less that of the other one.
        start: The same for the baseline, in which every word is replaced.
        gradients: Integrated gradients of each word; their sum is ``logit - start`` up to the error.
        masked: How much the logit falls when that word alone is replaced.
        steps: Of the integral.
    """

    answer: int
    rather: int | None
    logit: float
    start: float
    gradients: list[float]
    masked: list[float]
    steps: int


Explained = tuple[list[tuple[int, str, float]], str, tuple[Any, ...]]
"""What could be asked about, the most probable first: each with its number, name and probability; how the vocabulary
spells the token that stands for nothing; and an `Attribution`, as a plain tuple."""


class LogitFunction(NamedTuple):
    """The number that is explained, as a function of word embeddings ``(rows, N, width)``.

    Attributes:
        model: Whose answer it is.
        ids: The text ``(1, N)``.
        answering: How that is asked.
        at_once: How many rows it takes at once.
        answer: The number of an answer.
        rather: That of the one whose logit is subtracted, if any.
    """

    model: Any
    ids: Tensor
    answering: Answering
    at_once: int
    answer: int
    rather: int | None

    def of(self, logits: Tensor) -> Tensor:
        """Its values ``(rows,)`` where these are the model's answers."""
        return logits[:, self.answer] - (0 if self.rather is None else logits[:, self.rather])

    @torch.inference_mode()
    def values(self, rows: Tensor) -> Tensor:
        """Its values ``(rows,)``."""
        return torch.cat([self.of(self._ask(some).float()) for some in rows.split(self.at_once)])

    def gradients(self, points: Tensor) -> Tensor:
        """Its gradients at some points, in float32."""
        found: list[Tensor] = []
        for some in points.split(self.at_once):
            some = some.detach().to(self.model.dtype).requires_grad_()
            found += torch.autograd.grad(self.of(self._ask(some)).sum(), some)
        return torch.cat(found).float()

    def _ask(self, rows: Tensor) -> Tensor:
        """What the model answers to its text with other embeddings.

        It still goes by the text's own ids: a decoder that classifies answers at the last token that is no padding,
        RoBERTa counts positions without it, and the token that stands for "nothing said" may be just that.
        """
        embeddings = self.model.get_input_embeddings()
        hook = embeddings.register_forward_hook(lambda *_: rows.clone())  # which CTRL scales in place
        try:
            return self.answering(input_ids=self.ids.repeat(len(rows), 1), attention_mask=all_real(rows))
        finally:
            hook.remove()


def explain_word(model: Any, device: str, tokenizer: Any, question: WordAttribution) -> Explained:
    """Explain what a language model puts at a mask, or next.

    Raises:
        BadInput: It has no token that stands for nothing.
        Exception: The model cannot read that: see `check_ids`.
    """

    def answering(**inputs: Tensor) -> Tensor:
        return run_head(model, lambda output: output.last_hidden_state[:, question.place][None], **inputs)[0]

    blank, spelt = find_blank(tokenizer)
    check_ids(model, question.ids)
    ids = torch.tensor([question.ids], device=device)
    with torch.inference_mode():
        logits = answering(input_ids=ids, attention_mask=all_real(ids)).float()
    best = max(question.others, key=lambda id: float(logits[0, id]), default=int(logits.argmax()))
    answer, rather = (None if one is None else int(one) for one in (question.answer, question.rather))
    at_once = max(1, AT_ONCE // len(question.ids))
    function = LogitFunction(model, ids, answering, at_once, best if answer is None else answer, rather)
    found = attribute(function, question.words, blank, logits)
    likely = logits[0].topk(min(CHOICES, logits.shape[-1])).indices.tolist()
    asked = dict.fromkeys([*(id for id in found[:2] if id is not None), *question.others, *likely])
    chances = logits[0].softmax(dim=-1)
    ranked = sorted([*asked][:CHOICES], key=lambda id: -float(chances[id]))
    return [(id, tokenizer.decode([id]), float(chances[id])) for id in ranked], spelt, tuple(found)


def attribute(function: LogitFunction, words: Sequence[Sequence[int]], blank: int, logits: Tensor) -> Attribution:
    """Explain an answer.

    Args:
        function: What is explained.
        words: The positions of each word's tokens.
        blank: The token id that stands for "nothing said".
        logits: What the model answers to the text ``(1, choices)``.

    Raises:
        BadInput: An answer is compared with itself.
    """
    if function.answer == function.rather:
        raise BadInput("An answer is compared with another one: choose two.")
    embed, ids = function.model.get_input_embeddings(), function.ids
    baseline = ids.clone()
    baseline[0, [place for word in words for place in word]] = blank
    without = ids.repeat(len(words), 1)
    for number, word in enumerate(words):
        without[number, list(word)] = blank
    logit = float(function.of(logits))
    _check_embeddings(function, baseline)
    start, *others = function.values(embed(torch.cat([baseline, without]))).tolist()
    with torch.inference_mode(False), torch.enable_grad():  # tensors of inference mode can never have gradients
        x, x0 = (embed(some.clone()).detach().float() for some in (ids, baseline))  # half precision is for the model
        gradients, steps = _integrated(function.gradients, x0, x, logit - start)
    per_token = gradients[0].sum(dim=-1)
    by_word = [float(per_token[list(word)].sum()) for word in words]
    return Attribution(function.answer, function.rather, logit, start, by_word, [logit - one for one in others], steps)


@torch.inference_mode()
def _check_embeddings(function: LogitFunction, ids: Tensor) -> None:
    """Refuse a model that reads another text by more than its embeddings; unless one has padding, see `_ask`.

    Gemma 4 has embeddings for each layer, ESM counts masks, and BART's encoder and decoder have their own.

    Raises:
        BadInput: With its embeddings it does not answer as it does to `ids` themselves.
    """
    if padding_of(function.model.config) in (*ids[0].tolist(), *function.ids[0].tolist()):
        return
    expected = function.of(function.answering(input_ids=ids, attention_mask=all_real(ids))).float()
    try:
        found = function.values(function.model.get_input_embeddings()(ids))
        same = torch.allclose(found, expected, rtol=CLOSE, atol=CLOSE)
    except (AttributeError, RuntimeError, TypeError):  # Longformer fills the text up
        same = False
    if not same:
        raise BadInput(
            "That model reads words by more than one vector each, so its answer cannot be explained: choose another."
        )


def find_blank(tokenizer: Any) -> tuple[int, str]:
    """The token that stands for "nothing said": the mask, or of a vocabulary without one the next best; and its id.

    Raises:
        BadInput: There is none.
    """
    choices = (tokenizer.mask_token, tokenizer.unk_token, tokenizer.pad_token, tokenizer.eos_token)
    blank = next((token for token in choices if token is not None), None)
    if blank is None:
        raise BadInput(
            "That model has no token that stands for nothing, so its answer cannot be explained: choose another."
        )
    return tokenizer.convert_tokens_to_ids(blank), str(blank)


def integrate(gradient: Gradient, start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Integrated gradients along the straight line from `start` to `end` ``(1, ...)``, by the midpoint rule.

    IG = (x - x') * mean over k of dF/dx at x' + (k - 1/2)/m (x - x'); Sundararajan et al. 2017, arXiv:1703.01365,
    equation 1. `gradient` maps points ``(m, ...)`` to the gradients there.
    """
    shares = (torch.arange(steps, device=start.device) + 0.5) / steps
    points = start + shares.view(-1, *[1] * (start.dim() - 1)) * (end - start)
    return (end - start) * gradient(points).mean(dim=0, keepdim=True)


def _integrated(gradient: Gradient, start: Tensor, end: Tensor, whole: float) -> tuple[Tensor, int]:
    """Integrated gradients whose sum is close to `whole`, and the steps that this took."""
    steps = FEWEST
    while True:
        found = integrate(gradient, start, end, steps)
        if abs(float(found.sum()) - whole) <= SMALL * abs(whole) or steps >= MOST:
            return found, steps
        steps *= 2


@torch.inference_mode()
def logits_of(model: Any, rows: Tensor) -> Tensor:
    """Logits ``(rows, labels)`` that a classifier gives texts of equal length."""
    parts = rows.split(rows_at_once(model, rows.shape[1]))
    return torch.cat([model(part, attention_mask=all_real(part)).logits.float() for part in parts])


def rows_at_once(model: Any, length: int) -> int:
    """How many rows a classifier takes at once: transformers refuses a decoder several where it knows no padding."""
    return max(1, AT_ONCE // length) if padding_of(model.config) is not None else 1


def all_real(rows: Tensor) -> Tensor:
    """A mask that hides nothing."""
    return torch.ones(rows.shape[:2], dtype=torch.long, device=rows.device)
