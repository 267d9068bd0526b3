"""Which words speak for a label: integrated gradients, and a check that anybody can repeat by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from core.questions import WordAttribution
from core.tasks.loading import check_ids, padding_of

FEWEST, MOST = 16, 128
"""Steps of the integral: doubled until the error is small, or up to the most."""

SMALL = 0.05
"""An error of the sum that is good enough, as a share of what is to be explained."""

AT_ONCE = 4096
"""Tokens per forward and backward pass."""

Gradient = Callable[[torch.Tensor], torch.Tensor]


class Attribution(NamedTuple):
    """What speaks for a label.

    Attributes:
        label: The number of the label.
        logit: Its logit for the text.
        start: Its logit for the baseline, in which every word is replaced.
        gradients: Integrated gradients of each word; their sum is ``logit - start`` up to the error.
        masked: How much the logit falls when that word alone is replaced.
        steps: Of the integral.
    """

    label: int
    logit: float
    start: float
    gradients: list[float]
    masked: list[float]
    steps: int


def attribute(model: Any, device: str, blank: int, question: WordAttribution) -> Attribution:
    """Explain the most probable label of a text.

    Args:
        model: A sequence classifier.
        device: Where it is.
        blank: The token id that stands for "nothing said": that of the mask.
        question: The text.

    Raises:
        Exception: The model cannot read it: see `check_ids`.
    """
    check_ids(model, question.ids)
    ids = torch.tensor([question.ids], device=device)
    baseline = ids.clone()
    baseline[0, [place for word in question.words for place in word]] = blank
    (logits,) = logits_of(model, ids)
    label, embed = int(logits.argmax()), model.get_input_embeddings()
    logit, start = float(logits[label]), float(_logits_of_embedded(model, embed(baseline))[0, label])
    with torch.inference_mode(False), torch.enable_grad():  # tensors of inference mode can never have gradients
        x, x0 = (embed(rows.clone()).detach().float() for rows in (ids, baseline))  # half precision is for the model
        gradients, steps = _integrated(lambda points: _gradient(model, points, label), x0, x, logit - start)
    per_token = gradients[0].sum(dim=-1)
    rows = ids.repeat(len(question.words), 1)
    for number, word in enumerate(question.words):
        rows[number, list(word)] = blank
    masked = logit - _logits_of_embedded(model, embed(rows))[:, label]
    words = [float(per_token[list(word)].sum()) for word in question.words]
    return Attribution(label, logit, start, words, masked.tolist(), steps)


def integrate(gradient: Gradient, start: torch.Tensor, end: torch.Tensor, steps: int) -> torch.Tensor:
    """Integrated gradients along the straight line from `start` to `end` ``(1, ...)``, by the midpoint rule.

    IG = (x - x') * mean over k of dF/dx at x' + (k - 1/2)/m (x - x'); Sundararajan et al. 2017, arXiv:1703.01365,
    equation 1. `gradient` maps points ``(m, ...)`` to the gradients there.
    """
    shares = (torch.arange(steps, device=start.device) + 0.5) / steps
    points = start + shares.view(-1, *[1] * (start.dim() - 1)) * (end - start)
    return (end - start) * gradient(points).mean(dim=0, keepdim=True)


def _integrated(gradient: Gradient, start: torch.Tensor, end: torch.Tensor, whole: float) -> tuple[torch.Tensor, int]:
    """Integrated gradients whose sum is close to `whole`, and the steps that this took."""
    steps = FEWEST
    while True:
        found = integrate(gradient, start, end, steps)
        if abs(float(found.sum()) - whole) <= SMALL * abs(whole) or steps >= MOST:
            return found, steps
        steps *= 2


def _gradient(model: Any, points: torch.Tensor, label: int) -> torch.Tensor:
    """Gradients of a label's logit with respect to word embeddings ``(m, N, width)``."""
    found: list[torch.Tensor] = []
    for some in points.split(_rows_at_once(model, points)):
        some = some.detach().to(model.dtype).requires_grad_()
        logits = model(inputs_embeds=some, attention_mask=_all_real(some)).logits[:, label]
        found += torch.autograd.grad(logits.sum(), some)
    return torch.cat(found).float()


@torch.inference_mode()
def logits_of(model: Any, rows: torch.Tensor) -> torch.Tensor:
    """Logits ``(rows, labels)`` of texts of equal length."""
    parts = rows.split(_rows_at_once(model, rows))
    return torch.cat([model(part, attention_mask=_all_real(part)).logits.float() for part in parts])


@torch.inference_mode()
def _logits_of_embedded(model: Any, rows: torch.Tensor) -> torch.Tensor:
    """The same from word embeddings ``(rows, N, width)``.

    A decoder answers at the last token that is no padding, and the token that stands for "nothing said" may be just
    that; among embeddings it knows none.
    """
    parts = rows.split(_rows_at_once(model, rows))
    found = (model(inputs_embeds=part, attention_mask=_all_real(part)).logits.float() for part in parts)
    return torch.cat(list(found))


def _rows_at_once(model: Any, rows: torch.Tensor) -> int:
    """How many rows a model takes at once: transformers refuses a decoder several where it knows no padding."""
    return max(1, AT_ONCE // rows.shape[1]) if padding_of(model.config) is not None else 1


def _all_real(rows: torch.Tensor) -> torch.Tensor:
    """A mask that hides nothing."""
    return torch.ones(rows.shape[:2], dtype=torch.long, device=rows.device)
