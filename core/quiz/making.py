"""Questions made: a sentence is drawn until the model's answer to it leaves no doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from random import Random

from core.asking.answers import Answers
from core.errors import BadInput, Expired
from core.quiz.bank import GAP, Sentence, read_sentences
from core.quiz.hidden_word import CANDIDATES
from core.quiz.kinds import KINDS, Kind, Options
from core.quiz.question import NoQuestion, Question
from core.reading.masks import ANY_MASK
from core.results import AttentionMap, Result, Tokenization

TRIES = 8
"""Sentences that are drawn at most, each a short request to a device."""

LONGEST = 300
"""Characters of a text that is asked about: a card shows all of it."""

ENGLISH = "en"
MULTILINGUAL = ("multilingual", "xlm", "mbert", "mdeberta", "mt5")
"""What is in the names of models that understand many languages; those in the box that answer understand English."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A question that was made.

    Attributes:
        question: What is asked.
        text: What it is about; of a hidden word the text with its gap.
        sentence: Where that comes from.
        result: The model's, from which the answer is worked out.
        options: What may be chosen, and which is right.
    """

    question: Question
    text: str
    sentence: Sentence
    result: Result
    options: Options


async def pose(
    core: Answers,
    kind: Kind,
    random: Random,
    *,
    text: str = "",
    language: str = ENGLISH,
    model: str = "",
    besides: str = "",
    tenant: Hashable = None,
) -> Posed:
    """Make a question that has one clear answer.

    Args:
        core: What answers.
        kind: Of which kind.
        random: What decides; the same numbers make the same question.
        text: What to ask about; a sentence of the bank if empty.
        language: The code of that of whoever is asked; a sentence is in it where the model understands it.
        model: A name of `ModelRegistry.for_command`, or empty for the default of the command that answers.
        besides: The number of a sentence that is not drawn, such as that of the question before.
        tenant: As for `Answers`.

    Raises:
        NoQuestion: The text, or as many sentences as are tried, leave no question with one clear answer.
        CoreError: As for the question's command.
    """
    if text:
        if not (posed := await _pose(core, kind, random, Sentence(text, text), model, tenant)):
            raise NoQuestion("The model's answer to that text is not clear enough for a question: write another one.")
        return posed
    for sentence in _draw(kind, random, language, core.models.get(KINDS[kind].command, model).name, besides):
        try:
            if posed := await _pose(core, kind, random, sentence, model, tenant):
                return posed
        except BadInput:  # too long for a small model
            continue
    raise NoQuestion(
        "None of the sentences drawn makes a question with one clear answer for this model: type one, or choose "
        "another model or kind."
    )


async def ask_again(core: Answers, kind: Kind, text: str, *, model: str = "", tenant: Hashable = None) -> Result:
    """The result from which the answer to a question about a text is worked out: the model's own, once more."""
    match kind:
        case "word":
            return await core.unmask(text, model=model, top=CANDIDATES, tenant=tenant)
        case "tokens":
            return await core.tokens(text, model=model, tenant=tenant)
        case "label":
            return await core.sentiment(text, model=model, tenant=tenant)
        case "head" | "look":
            return _self_attention(await core.attention(text, model=model, tenant=tenant))


def judge(question: Question, result: Result) -> Options:
    """The options of a question, and which of them is what the model does.

    Raises:
        Expired: The question is not about that result.
    """
    kind = KINDS[question.kind]
    if not isinstance(result, kind.result):
        raise Expired
    return kind.judge(result, question.numbers)


async def _pose(
    core: Answers, kind: Kind, random: Random, sentence: Sentence, model: str, tenant: Hashable
) -> Posed | None:
    """Ask about one sentence; nothing if the answer is not clear."""
    text = sentence.gapped if kind == "word" else sentence.text
    if kind == "word" and not ANY_MASK.search(text):
        raise NoQuestion("Write ___ in the text where the hidden word belongs, or leave the text out.")
    result = await ask_again(core, kind, text, model=model, tenant=tenant)
    if sentence.number and isinstance(result, Tokenization) and result.unknown:
        return None
    return await asyncio.to_thread(_choose, kind, random, sentence, text, result)


def _choose(kind: Kind, random: Random, sentence: Sentence, text: str, result: Result) -> Posed | None:
    numbers = KINDS[kind].choose(result, random, sentence.hidden)
    if not numbers:
        return None
    question = Question(kind, numbers)
    return Posed(question, text, sentence, result, judge(question, result))


def _draw(kind: Kind, random: Random, language: str, model: str, besides: str) -> Iterator[Sentence]:
    """Sentences in some order: in the language that is wanted where the model understands it, then in English.

    Any model cuts any language into tokens. Opinions are for classifiers, and for everything else, too.
    """
    understood = kind == "tokens" or any(part in model.casefold() for part in MULTILINGUAL)
    languages = dict.fromkeys([language, ENGLISH] if understood else [ENGLISH])
    for code in languages:
        fitting = [
            one
            for one in read_sentences(code)
            if (one.opinion or kind != "label") and (GAP in one.gapped or kind != "word") and one.number != besides
        ]
        yield from random.sample(fitting, min(TRIES, len(fitting)))


def _self_attention(found: AttentionMap) -> AttentionMap:
    """How a text looks at itself.

    Raises:
        NoQuestion: It is something else.
    """
    if not found.is_self_attention:
        raise NoQuestion(
            "A round is about how one text looks at itself: leave out [VS], and choose a model without a second part "
            "that writes."
        )
    return found
