"""The logit lens: what a language model would answer if it ended after each layer; at its gaps, or everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.questions import LogitLens, SentenceLens
from core.tasks.engine.loading import check_ids
from core.tasks.engine.output_heads import below_head, run_head
from core.tasks.explaining.after_layers import after_layers, watched

AT_ONCE = 1 << 24
"""Logits that are held at once: 64 MiB."""

LayerRow = tuple[int, float, float, int]
"""The most probable token, its probability, the probability of the last layer's answer, and that answer's rank."""


class Reading(NamedTuple):
    """A text as each layer would read it.

    Attributes:
        best: The most probable token of every position, layer by layer, the embeddings first.
        chances: Their probabilities.
        followed: For each place that is asked about the tokens that are followed, each with its rank and its
            probability in every layer.
    """

    best: list[list[int]]
    chances: list[list[float]]
    followed: list[list[tuple[Any, list[int], list[float]]]]

    def named(self, name: Callable[[int], str]) -> tuple[Any, ...]:
        """The same as plain data, with a name for each token."""
        known = {id: name(id) for id in {*chain(*self.best), *(id for at in self.followed for id, *_ in at)}}
        best = [[known[id] for id in row] for row in self.best]
        return best, self.chances, [[(known[id], *way) for id, *way in at] for at in self.followed]


@torch.inference_mode()
def logit_lens(model: Any, device: str, question: LogitLens) -> list[list[LayerRow]]:
    """For each mask (or the token before what comes next) a row for the embeddings and for every layer.

    Each hidden state at a mask goes through the model's own head (nostalgebraist 2020, "interpreting GPT: the logit
    lens"): p_l = softmax(head(norm(x_l))), with the normalisation that the model itself has before its head.

    Raises:
        Exception: The model cannot read that: see `check_ids`.
    """
    check_ids(model, question.ids)
    logits = _through_head(model, _states(model, device, question.ids)[:, list(question.masks)])
    answers = logits[-1].argmax(dim=-1)  # (masks,)
    best = logits.softmax(dim=-1).max(dim=-1)
    rows = list[list[LayerRow]]()
    for mask, answer in enumerate(answers.tolist()):
        ranks, chances = _followed(logits[:, mask], answer)
        here = best.indices[:, mask].tolist(), best.values[:, mask].tolist()
        rows.append(list(zip(*here, chances, ranks, strict=True)))
    return rows


@torch.inference_mode()
def lens_everywhere(model: Any, device: str, question: SentenceLens) -> Reading:
    """The same at every position of a text, and some words followed through the layers where the model answers.

    Raises:
        Exception: The model cannot read that: see `check_ids`.
    """
    check_ids(model, question.ids, *filter(None, question.words))
    states = _states(model, device, question.ids)
    flat, found = states.flatten(0, 1), list[tuple[Tensor, Tensor]]()
    step = max(1, AT_ONCE // len(model.get_input_embeddings().weight))
    for some in flat.split(step):
        best = _through_head(model, some[None])[0].softmax(dim=-1).max(dim=-1)
        found.append((best.indices, best.values))
    best, chances = (torch.cat(parts).view(states.shape[:2]).tolist() for parts in zip(*found, strict=True))
    followed = list[list[tuple[int, list[int], list[float]]]]()
    for place, words in zip(question.places, question.words, strict=True):
        logits = _through_head(model, states[:, [place]])[:, 0]
        likeliest = logits[-1].topk(min(question.top, logits.shape[-1])).indices.tolist()
        chosen = dict.fromkeys((*words, *likeliest))
        followed.append([(word, *_followed(logits, word)) for word in chosen])
    return Reading(best, chances, followed)


def _followed(logits: Tensor, word: int) -> tuple[list[int], list[float]]:
    """The rank from 1 and the probability of a token in each row of logits ``(layers + 1, vocabulary)``."""
    ranks = 1 + (logits > logits[:, [word]]).sum(dim=-1)
    return ranks.tolist(), logits.softmax(dim=-1)[:, word].tolist()


def _states(model: Any, device: str, ids: Sequence[int]) -> Tensor:
    """What the head would see after the embeddings and after each layer: ``(layers + 1, N, width)``.

    The last is what it does see. Others get what the model has between its layers and its head: in many families a
    normalisation, and in some OPT a projection.

    Raises:
        BadInput: What it has there is not known.
    """
    seen = list[Tensor]()

    def keep(output: Any) -> Tensor:
        *before, _ = output.hidden_states
        states = torch.stack([state[0] for state in before])
        for module in after_layers(runs, before[-1], output.last_hidden_state):
            states = module(states)
        seen.append(torch.cat([states, output.last_hidden_state]))
        return output.last_hidden_state[:, :1]

    inputs = torch.tensor([ids], device=device)
    with watched(below_head(model)) as runs:
        run_head(model, keep, input_ids=inputs, attention_mask=torch.ones_like(inputs), output_hidden_states=True)
    return seen[0]


def _through_head(model: Any, states: Tensor) -> Tensor:
    """Logits of states ``(rows, columns, width)``; the model runs over a single token meanwhile, which costs least."""
    one = torch.zeros((1, 1), dtype=torch.long, device=states.device)
    return run_head(model, lambda _: states, input_ids=one, attention_mask=torch.ones_like(one)).float()
