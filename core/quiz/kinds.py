"""The kinds of questions: which command answers each, how it is chosen, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from core.commands import Command
from core.quiz import hidden_word, label, looking, token_count, which_head
from core.quiz.question import Kind, Numbers, Options
from core.results import AttentionMap, Result, Sentiment, Tokenization, Unmasked

__all__ = ["KINDS", "Kind", "KindOfQuestion", "Options"]


@dataclass(frozen=True, slots=True)
class KindOfQuestion:
    """One kind.

    Attributes:
        command: Whose models answer it.
        result: What they answer with.
        choose: What to ask about a result, given the word that stood there where there is one; nothing where no
            question has one clear answer.
        judge: The options of a question about a result, and which is right.
    """

    command: Command
    result: type[Result]
    choose: Callable[[Any, Random, str], Numbers | None]
    judge: Callable[[Any, Numbers], Options]


KINDS: dict[Kind, KindOfQuestion] = {
    "word": KindOfQuestion("unmask", Unmasked, hidden_word.choose, hidden_word.judge),
    "tokens": KindOfQuestion(
        "tokens", Tokenization, lambda result, random, _: token_count.choose(result, random), token_count.judge
    ),
    "label": KindOfQuestion(
        "sentiment", Sentiment, lambda result, random, _: label.choose(result, random), label.judge
    ),
    "head": KindOfQuestion(
        "attention", AttentionMap, lambda result, random, _: which_head.choose(result, random), which_head.judge
    ),
    "look": KindOfQuestion(
        "attention", AttentionMap, lambda result, random, _: looking.choose(result, random), looking.judge
    ),
}
"""By name."""
