"""Cards: what an answer looks like. Text, a picture with the same facts in words, and controls."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from cogs.cards.asked import asked_displays, model_line, note_display, text_display
from cogs.cards.audience import Audience
from cogs.cards.controls.items import Control, button
from cogs.cards.follow_ups import offered_ways
from cogs.cards.layouts import layout_of, source_of
from cogs.cards.markdown import code_span
from cogs.cards.view_state import THEMES, ViewState
from core import Core
from core.language import Language
from core.reading.emoji_spacing import has_glued_emoji
from core.render.kit.wording.words import count_tokens
from core.results import (
    DecodedText,
    Drawing,
    Result,
    SentimentBatch,
    Tokenization,
    TokenizerComparison,
    TwoModels,
    Variants,
    WorkedExercise,
    Written,
)

ACCENT = discord.Colour(0x5865F2)

BUNDLED_MODELS = {
    "bundled/minilm": "a distilled BERT of 22 million parameters",
    "bundled/bert-mini": "a small BERT that was trained for this bot",
    "bundled/gpt-mini": "a small GPT that was trained for this bot",
    "bundled/reverser": "a small model that says sentences backwards",
}
"""What the models that come with the bot are."""


class Card(ui.LayoutView):
    """One answer.

    Args:
        heading: The headline, with what changes the theme beside it.
        texts: Markdown, at most a few hundred characters.
        drawing: The picture.
        name: The picture's file name, without its suffix.
        rows: What stands below it: the controls, row by row, and texts between them.
    """

    def __init__(
        self,
        heading: ui.Section[Any],
        texts: Sequence[ui.TextDisplay[Any]],
        drawing: Drawing,
        name: str,
        rows: Sequence[Sequence[Control] | ui.TextDisplay[Any]],
    ) -> None:
        super().__init__(timeout=None)
        self._drawing, self._name = drawing, f"{name}.{drawing.suffix}"
        picture = discord.MediaGalleryItem(f"attachment://{self._name}", description=drawing.alt)
        self.add_item(
            ui.Container(
                heading,
                *texts,
                ui.MediaGallery(picture),
                *(row if isinstance(row, ui.TextDisplay) else ui.ActionRow[Any](*row) for row in rows),
                accent_colour=ACCENT,
            )
        )

    def files(self) -> list[discord.File]:
        """The picture as an attachment, new each time: a `discord.File` can be sent only once."""
        return [discord.File(io.BytesIO(self._drawing.png), self._name, description=self._drawing.alt)]


async def card_of(
    core: Core,
    say: Language,
    key: str,
    result: Result,
    state: ViewState | None = None,
    audience: Audience = "alone",
    shown_by: int = 0,
) -> Card:
    """Draw the card of a kept result.

    Args:
        core: Where it is kept, and drawn.
        say: The language of the card.
        key: What it is kept as.
        result: The result.
        state: How it is looked at.
        audience: Who will see the card.
        shown_by: The id of the person who showed it to everybody, where Discord's clients do not say so.
    """
    state, layout = state or ViewState(), layout_of(result)
    drawing = await core.draw(layout.picture(say, result, state))
    texts: list[ui.TextDisplay[Any]] = []
    source = source_of(result)
    if text := _text_of(result):
        texts.append(text_display(text, result))
    texts += asked_displays(result)
    if source:
        texts.append(ui.TextDisplay("\n".join(_about(say, source, result, one_text=layout.one_text))))
    texts += [note_display(note, result) for note in layout.notes(say, result)]
    if shown_by:
        texts.append(ui.TextDisplay(say("-# shown by {person}", person=f"<@{shown_by}>")))
    offered = await asyncio.to_thread(offered_ways, core, layout, result)
    heading = _heading(say, key, await asyncio.to_thread(layout.headline, say, result, state), state)
    rows = await asyncio.to_thread(layout.controls, say, key, result, state, offered, audience)
    return Card(heading, texts, drawing, layout.command, rows)


def _heading(say: Language, key: str, headline: str, state: ViewState) -> ui.Section[Any]:
    there = state.in_other_theme
    other = button("look", key, f"{there}.theme", say(THEMES[there.theme]))
    return ui.Section(ui.TextDisplay[Any](f"### {headline}"), accessory=other)


def _text_of(result: Result) -> str:
    """The one text that was asked about, if it is one."""
    match result:
        case WorkedExercise() | SentimentBatch():
            return ""
        case Tokenization():
            return result.text
        case Written():
            return result.prompt
        case Variants():
            return result.template or result.source.text
        case _:
            return result.source.text


def _about(say: Language, source: Tokenization, result: Result, *, one_text: bool) -> list[str]:
    """Which model answered, or which two, below what each has not seen."""
    if isinstance(result, TwoModels):
        sources = [[one.source] for one in result.answers]
    else:
        sources = [
            [one.source for one in result.answers] if isinstance(result, SentimentBatch | Variants) else [source]
        ]
    return [
        line for some in sources for line in (*_warnings(say, some), _footer(say, some[0], result, one_text=one_text))
    ]


def _warnings(say: Language, sources: Sequence[Tokenization]) -> list[str]:
    unknown = list(dict.fromkeys(word for source in sources for word in source.unknown))
    if not unknown:
        return []
    words = ", ".join(code_span(word, 30) for word in unknown[:5])
    lacks = say("⚠️ The model's vocabulary lacks {words}: it saw only “unknown” there.", words=words)
    glued = any(map(has_glued_emoji, sources))
    helps = [say("A space between word and emoji would show it the word.")] if glued else []
    return [" ".join([lacks, *helps])]


def _footer(say: Language, source: Tokenization, result: Result, *, one_text: bool) -> str:
    count = [count_tokens(say, len(source.tokens))] if one_text else []
    tokenized = isinstance(result, Tokenization | TokenizerComparison | DecodedText)  # by a vocabulary: no model ran
    known = source.model.name in BUNDLED_MODELS and not tokenized
    what = [say(BUNDLED_MODELS[source.model.name]), say("expect less of it than of a full-size model")] if known else []
    return " · ".join([model_line(source.model), *count, *what])
