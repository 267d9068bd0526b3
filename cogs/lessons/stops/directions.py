"""Stops about where words may look: only back, and across to another text."""

from __future__ import annotations

import numpy as np

from cogs.cards.attention_views import picture_of
from cogs.cards.markdown import code_span, word_span
from cogs.cards.view_state import MEAN, ViewState
from cogs.lessons.stop import Ask, Question, Results, Stop, model_of
from cogs.lessons.stops.words import VASWANI, few_words, one_text, seen, word_question
from core.facade import View
from core.language import Language
from core.maps.word_links import WordLink, looked_at, written_word
from core.models.registry import ModelRegistry
from core.render.kit.wording.words import percent
from core.results import AttentionMap


def _both_kinds(models: ModelRegistry, text: str) -> tuple[Ask, ...]:
    names = (model_of(models, "attention", "encoder", ""), model_of(models, "attention", "decoder"))
    return tuple(Ask("attention", one_text(text), {"model": name}) for name in names)


def _ahead(attention: AttentionMap) -> float:
    """The share of all attention that goes to later tokens."""
    weights = attention.to_numpy()
    return float((weights * np.triu(np.ones(weights.shape[-2:]), 1)).sum() / weights.sum())


def _question_of_mask(say: Language, _: str, results: Results) -> Question:
    both, causal = results
    words = causal.source.words
    if len(words) < 3:
        return few_words(say)
    word = word_span(written_word(causal.source, words[len(words) // 2][0]))
    asks = say("In a GPT, which words can {word} look at?", word=word)
    options = (say("All of them"), say("Only those after it"), say("Itself and those before it"))
    ahead, behind = _ahead(causal), 1 - _ahead(causal)
    right = 2 if ahead < 0.001 else 1 if behind < 0.001 else 0
    shows = say(
        "Of all the attention in this GPT {ahead} goes to later tokens; in the encoder it is {both}.",
        ahead=percent(say, ahead),
        both=percent(say, _ahead(both)),
    )
    return Question(asks, options, right, shows)


CAUSAL = Stop(
    "causal",
    "Looking only back",
    "An encoder such as BERT reads a sentence as a whole: its words look both ways, as in the picture. A GPT learns by "
    "guessing the next word, again and again. If it could see that word, there would be nothing to guess.",
    plan=_both_kinds,
    picture=lambda results, answered: picture_of(results[answered], ViewState("head", 0, MEAN)),
    question=_question_of_mask,
    paper=VASWANI,
    section="3.1",
    go_on="attention model:bundled/gpt-mini text:{text}",
    examples={"en": "The cat sat on the mat because it was tired."},
)


def _writing(_: ModelRegistry, text: str) -> tuple[Ask, ...]:
    return (Ask("attention", one_text(text), {"model": "bundled/reverser"}),)


def _first_written(attention: AttentionMap) -> WordLink | None:
    """The first word that was written, in the head that aligns best, and what it looks at there."""
    state, rows = ViewState.initial(attention), attention.queries
    named = (places[0] for places in rows.words if any(map(str.isalnum, rows.written(places))))
    query, head = next(named, None), max(state.head, 0)
    found = [] if query is None else looked_at(attention, state.layer, head, query)
    return WordLink(state.layer, head, query, *found[0]) if query is not None and found else None


def _picture_across(results: Results, answered: bool) -> View:
    (attention,) = results
    if not answered:
        return picture_of(attention, ViewState("head", 0, MEAN, side="encoder"))
    return seen(attention, "head", _first_written(attention))


def _question_across(say: Language, _: str, results: Results) -> Question:
    (attention,) = results
    link = _first_written(attention)
    if link is None:
        return few_words(say)
    word = word_span(written_word(attention.queries, link.query))
    asks = say("Which word of the sentence does it look at most while it writes its first word, {word}?", word=word)
    shows = say(
        "Where {word} is written, {other} gets {share} in layer {layer}, head {head}. It wrote: {text}",
        word=word,
        other=word_span(written_word(attention.source, link.key)),
        share=percent(say, link.weight),
        layer=link.layer + 1,
        head=link.head + 1,
        text=code_span(attention.queries.text, 120),
    )
    return word_question(say, asks, attention, link, shows)


CROSS = Stop(
    "cross",
    "Looking across",
    "A translator has two halves: an encoder reads, a decoder writes. In cross-attention the queries come from what is "
    "being written, keys and values from what was read. This small model writes a sentence backwards, so you can tell "
    "where it ought to look. The picture shows how its encoder reads.",
    plan=_writing,
    picture=_picture_across,
    question=_question_across,
    paper=VASWANI,
    section="3.2.3",
    go_on="attention model:bundled/reverser text:{text}",
    examples={"en": "I love transformers because attention is easy to see"},
)
