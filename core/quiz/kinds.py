"""The kinds of questions: which command answers each, how it is chosen, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from core.commands import Command
from core.quiz import hidden_word, label, looking, token_count, which_head
from core.quiz.question import Kind, Numbers, Options

__all__ = ["KINDS", "Kind", "KindOfQuestion", "Options"]


@dataclass(frozen=True, slots=True)
class KindOfQuestion:
    """One kind.

    Attributes:
        command: Whose models answer it.
        choose: What to ask about a result, given the word that stood there where there is one; nothing where no
            question has one clear answer.
        judge: The options of a question about a result, and which is right.
    """

    command: Command
    choose: Callable[[Any, Random, str], Numbers | None]
    judge: Callable[[Any, Numbers], Options]


KINDS: dict[Kind, KindOfQuestion] = {
    "word": KindOfQuestion("unmask", hidden_word.choose, hidden_word.judge),
    "tokens": KindOfQuestion("tokens", lambda result, random, _: token_count.choose(result, random), token_count.judge),
    "label": KindOfQuestion("sentiment", lambda result, random, _: label.choose(result, random), label.judge),
    "head": KindOfQuestion("attention", lambda result, random, _: which_head.choose(result, random), which_head.judge),
    "look": KindOfQuestion("attention", lambda result, random, _: looking.choose(result, random), looking.judge),
}
"""By name."""
