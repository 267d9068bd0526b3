"""What a stop of /learn is: plain data and three functions, over which there is one mechanism."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from core.commands import Command
from core.facade import View
from core.language import Language
from core.models.architectures import Kind
from core.models.registry import ModelRegistry

Results: TypeAlias = Sequence[Any]
"""What the questions of a stop's plan were answered with, in their order: each a result of the core."""

SENTENCE = "Your sentence"
"""What people type for most stops."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the core.

    Attributes:
        way: The method that answers it.
        asked: What it is asked: a text, or the exercise of a lab; ``None`` if it takes neither.
        options: What else, such as `model`.
        instead: The model to ask where that one has nothing of the kind; none if empty.
    """

    way: str
    asked: Any
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be predicted, in the language of a card; every figure in it is of the results it was made from.

    Attributes:
        asks: The question; or, where these results leave nothing to predict, why they do not.
        options: What can be answered; none where there is nothing to predict.
        right: Which of them the results say it is, from 0.
        shows: What the picture shows of it.
    """

    asks: str
    options: tuple[str, ...] = ()
    right: int = 0
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop.

    Attributes:
        key: Its name in custom_ids and behind the choices of `start:`.
        title: What it is called.
        tells: Two to four sentences.
        plan: What is asked about a text, of which models.
        picture: What is seen of the results, before an answer was chosen and then.
        question: What is to be predicted from the first picture, about a text.
        paper: Its source, and `section` where in it.
        section: As it is numbered there.
        go_on: The command to go on with, in which ``{text}`` stands for the stop's text, ``{versions}`` for the first
            two versions that braces in it make, ``{exercise}`` for the lab's that was worked out first, and ``{other}``
            for the last of the models that answered.
        examples: What it is shown with where nobody typed anything, by language; English where a language has none.
            Without any it is about no text.
        typed: What people type in its place.
    """

    key: str
    title: str
    tells: str
    plan: Callable[[ModelRegistry, str], tuple[Ask, ...]]
    picture: Callable[[Results, bool], View]
    question: Callable[[Language, str, Results], Question]
    paper: str
    section: str
    go_on: str
    examples: Mapping[str, str] = field(default_factory=dict[str, str])
    typed: str = SENTENCE

    def example(self, say: Language) -> str:
        """What it is shown with in a language."""
        return self.examples.get(say.code) or self.examples.get("en", "")


def model_of(models: ModelRegistry, command: Command, *kinds: Kind) -> str:
    """The name of the first model of a command that reads in one of some ways; of its default, if there is none."""
    fitting = models.for_command(command)
    return next((model.name for model in fitting if models.kind(model) in kinds), fitting[0].name)
