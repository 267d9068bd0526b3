"""What cards say beside their headline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from cogs.cards.asked import LONGEST_LINE, tokenizer_line
from cogs.cards.attention_views import ATTENTION_VIEWS, picture_of
from cogs.cards.markdown import code_span, word_span
from cogs.cards.view_state import ViewState
from core.language import Language
from core.maps.tour import choose_heads
from core.maps.word_links import link_worth_seeing, strongest_link
from core.reading.comparison import measure_fertility
from core.reading.continuation import MOST_WRITTEN
from core.reading.tokenizers.normalisation import find_changes
from core.render.comparison import counting, summary
from core.render.fillings import format_probability, group_identical, unread
from core.render.kit.stacks import Stack
from core.render.kit.wording.findings import Finder
from core.results import (
    AttentionMap,
    DecodedText,
    Sentiment,
    SentimentBatch,
    Tokenization,
    TokenizerComparison,
    TwoMaps,
    Unmasked,
    Written,
)

LONGEST_WRITTEN = 600
"""Characters of what was written that a card shows."""


def fillings_note(say: Language, result: Unmasked) -> list[str]:
    """What a model that goes from left to right has read; or the ways to fill several masks together, a line each."""
    if not result.source.masks and not unread(result):
        return []
    if not result.source.masks:
        read = result.source.text[: result.source.tokens[-1].end]
        return [say("It goes from left to right, and has read only {text}.", text=code_span(read, 200))]
    if not result.fillings:
        return []
    lines = [
        say(
            "{words} {chance} · {method}, in the order {order}",
            words=code_span(" ".join(word.strip() for word in filling.words), 80),
            chance=format_probability(say, filling.probability),
            method=ways,
            order=", ".join(str(number + 1) for number in filling.order),
        )
        for ways, filling in group_identical(say, result)
    ]
    return ["\n".join([say("**All masks together**"), *lines])]


def attention_headline(say: Language, result: AttentionMap | TwoMaps, state: ViewState) -> str:
    """The kind of picture; below it what is found in it, and why this head is the one to see."""
    view, picture = ATTENTION_VIEWS[state.kind], cast(Any, picture_of(result, state))
    found = replace(picture, say=say).finding(word_span)
    about_one = view.by_head and (view.by_token or not view.of_all_heads)
    chosen = choice_note(say, state.map_of(result), state) if about_one else []
    kind = say("Attention · {kind}", kind=say(ATTENTION_VIEWS[state.kind].label))
    return "\n".join([kind, *filter(None, [found]), *chosen])


def choice_note(say: Language, attention: AttentionMap, state: ViewState) -> list[str]:
    """Why a head is seen: because of the word that the picture is about, or of what is worth seeing."""
    query, here = state.query(attention), (state.layer, state.head)
    if query is None:
        best = next(iter(choose_heads(attention, 1)), None)
        return [f"-# {best.why(say, word_span)}"] if best and here == (best.layer, best.head) else []
    link = strongest_link(attention, query)
    if link is None or here != (link.layer, link.head):
        return []
    finder = Finder(say, attention, word_span)
    word, other = finder.word(attention.queries, link.query), finder.word(attention.source, link.key)
    if link == link_worth_seeing(attention):
        reason = say(
            "Chosen because the link from {word} to {other} stands out against what the head does for other words.",
            word=word,
            other=other,
        )
    else:
        reason = say(
            "Chosen because none of the {count} heads looks harder from {word} at another word; neighbours, and what a "
            "head does for every word, count only where there is nothing else.",
            count=attention.layers * attention.heads,
            word=word,
        )
    return [f"-# {reason}"]


def generated_note(say: Language, attention: AttentionMap) -> list[str]:
    """What a model with a decoder wrote by itself; nothing if it did not."""
    if attention.rows is None or attention.signed or attention.rows.text == attention.source.text:
        return []
    return [say("It wrote: {text}", text=code_span(attention.rows.text))]


def written_note(say: Language, result: Written) -> list[str]:
    """What a model wrote behind a text, and why it writes no more."""
    notes = [say("It wrote: {text}", text=code_span(result.text, LONGEST_WRITTEN))] if result.chances else []
    if result.ending == "full":
        notes.append(say("The model can read no more than that."))
    elif result.ending == "most":
        notes.append(
            say("At most {most} tokens are written behind a text: begin anew with what there is.", most=MOST_WRITTEN)
        )
    return ["\n".join(notes)] if notes else []


def normalisation_note(say: Language, source: Tokenization) -> list[str]:
    """What the tokenizer did to a text before it cut it; nothing if it did nothing."""
    changed = ", ".join(say(change) for change in find_changes(source))
    text = code_span(source.normalised or "", 200)
    return [say("Before cutting: {changes}: {text}", changes=changed, text=text)] if changed else []


def batch_note(say: Language, result: SentimentBatch) -> list[str]:
    """How each of several texts is read, a line each."""
    lines = (
        f"{code_span(one.source.text, LONGEST_LINE)} {Stack('', one.scores, one.problem).verdict(say)}"
        for one in result.answers
    )
    return ["\n".join(lines)]


def windows_note(say: Language, result: Sentiment) -> list[str]:
    """That a text was read in windows, and what of it was not read."""
    count, missing = len(result.windows), len(result.cut)
    lines = [say("Too long to be read at once: read in {count} windows that overlap.", count=count)]
    if missing:
        lines.append(say("⚠️ The last {count:,} characters were not read.", count=missing))
    return [" ".join(lines)]


def fertility_note(say: Language, result: TokenizerComparison) -> list[str]:
    """How finely each tokenizer cuts, a line each, and what is not counted."""
    counted = (f"{tokenizer_line(source.model)}{summary(say, measure_fertility(source))}" for source in result.sources)
    return ["\n".join((*counted, *counting(say, result)))]


def round_trip_note(say: Language, result: DecodedText) -> list[str]:
    """Whether a decoded text leads back to the ids it came from."""
    if result.faithful:
        return [say("Cut again, this text gives the same tokens.")]
    return [say("Cut again, this text gives other tokens: more than one list of ids stands for it.")]
