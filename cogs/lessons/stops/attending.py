"""Stops about one word that looks at others: in one head, and in all of them."""

from __future__ import annotations

from collections import Counter

import numpy as np

from cogs.cards.markdown import word_span
from cogs.lessons.stop import Ask, Question, Results, Stop, model_of
from cogs.lessons.stops.words import VASWANI, few_words, one_text, seen, word_question, worth_asking
from core.errors import BadInput
from core.facade import View
from core.language import Language
from core.maps.word_links import LEAST, WordLink, by_words, find_word, looked_at, written_word
from core.models.registry import ModelRegistry
from core.reading.templates import expand_template, is_template
from core.render import TokenStrip
from core.render.kit.wording.words import percent
from core.results import AttentionMap


def _versions(models: ModelRegistry, text: str) -> tuple[Ask, ...]:
    options = {"model": model_of(models, "attention", "encoder", "")}
    versions = (
        [version for _, version in expand_template(one_text(text))[:2]] if is_template(text) else [one_text(text)]
    )
    return tuple(Ask("attention", version, options) for version in versions)


def _in_second(results: Results) -> WordLink | None:
    """The link that is asked about: in the last version from the same word in the same head, whatever it leads to."""
    first, last = results[0], results[-1]
    link = worth_asking(first)
    if link is None:
        return None
    try:
        query = find_word(last.source, written_word(first.source, link.query))
    except BadInput:  # the word itself is what differs
        return worth_asking(last)
    found = looked_at(last, link.layer, link.head, query)
    return WordLink(link.layer, link.head, query, *found[0]) if found else None


def _picture_of_versions(results: Results, answered: bool) -> View:
    if answered:
        return seen(results[-1], "token", _in_second(results))
    return seen(results[0], "token", worth_asking(results[0])) if len(results) > 1 else TokenStrip(results[0].source)


def _question_of_versions(say: Language, text: str, results: Results) -> Question:
    attention, link = results[-1], _in_second(results)
    if link is None:
        return few_words(say)
    word = word_span(written_word(attention.queries, link.query))
    other = word_span(written_word(attention.source, link.key))
    place = {"layer": link.layer + 1, "head": link.head + 1}
    shows = say(
        "In layer {layer}, head {head}, {word} gives {other} {share} of its attention.",
        **place,
        word=word,
        other=other,
        share=percent(say, link.weight),
    )
    if len(results) == 1:
        return word_question(say, say("Which other word does {word} look at most?", word=word), attention, link, shows)
    version = word_span(expand_template(text)[1][0])
    asks = say(
        "And with {version}: which other word does {word} look at most, in the same head?", version=version, word=word
    )
    before = worth_asking(results[0])
    if before:
        earlier = word_span(written_word(results[0].source, before.key))
        share = percent(say, before.weight)
        shows += " " + say("In the first version {word} gave {other} {share}.", word=word, other=earlier, share=share)
    return word_question(say, asks, attention, link, shows)


SELF = Stop(
    "self",
    "Looking at yourself",
    "In self-attention every word of a sentence looks at all the words of that sentence, its own place included. So a "
    "word such as “it” can fetch what it stands for. Braces such as `{tired|wide}` make two versions of a sentence: "
    "the picture is of the first.",
    plan=_versions,
    picture=_picture_of_versions,
    question=_question_of_versions,
    paper=VASWANI,
    section="4",
    go_on="attention text:{versions}",
    examples={"en": "The animal didn't cross the street because it was too {tired|wide}."},
)


def _one_map(models: ModelRegistry, text: str) -> tuple[Ask, ...]:
    return (Ask("attention", one_text(text), {"model": model_of(models, "attention", "encoder", "")}),)


def _favourites(attention: AttentionMap, query: int) -> Counter[int]:
    """The other words that a word looks at most in some head, and in how many: as `WordGrid` counts them."""
    looks, looked, shares = by_words(attention, attention.weights)
    row = next(number for number, places in enumerate(looks) if query in places)
    others = np.where(np.arange(len(looked)) == row, 0, shares[:, :, row])
    return Counter(looked[key][0] for key in others.argmax(axis=-1)[others.max(axis=-1) >= LEAST].tolist())


def _picture_of_heads(results: Results, answered: bool) -> View:
    return seen(results[0], "heads" if answered else "token", worth_asking(results[0]))


def _question_of_heads(say: Language, _: str, results: Results) -> Question:
    (attention,) = results
    link = worth_asking(attention)
    if not link or len(attention.source.words) < 3:
        return few_words(say)
    word, total = word_span(written_word(attention.source, link.query)), attention.layers * attention.heads
    counted = _favourites(attention, link.query)
    asks = say(
        "There are {total} heads. How many different words does {word} look at most, depending on the head?",
        total=total,
        word=word,
    )
    bounds = (1, 3, 6)
    options = (say("One"), say("Two or three"), say("Four to six"), say("Seven or more"))
    favourite, most = counted.most_common(1)[0]
    shows = say(
        "It is {count}: {favourite} in {most} of {total} heads, other words in the rest.",
        count=len(counted),
        favourite=word_span(written_word(attention.source, favourite)),
        most=most,
        total=total,
    )
    return Question(asks, options, sum(len(counted) > bound for bound in bounds), shows)


HEADS = Stop(
    "heads",
    "Many heads",
    "One head has one set of weights for each word, so it has to make up its mind: the picture shows one word in one "
    "head. Several heads side by side look with queries and keys of their own, each for something else. What they find "
    "is joined.",
    plan=_one_map,
    picture=_picture_of_heads,
    question=_question_of_heads,
    paper=VASWANI,
    section="3.2.2",
    go_on="attention view:heads text:{text}",
    examples={"en": "The animal didn't cross the street because it was too tired."},
)
