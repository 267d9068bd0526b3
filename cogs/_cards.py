"""Cards: what an answer looks like. Text, a picture with the same facts in words, and controls."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from cogs._asked import shown
from cogs._controls import Control, button, select
from cogs._looks import KINDS, MEAN, TOKENS, Look, kinds
from cogs._more import normalised, together
from cogs._text import quote
from core import Core
from core.facade import View
from core.normal import changes
from core.recall import Result
from core.render import LayerBars, SentimentBars, TokenStrip, UnmaskBars, VariantBars, WhyBars, WorkedView
from core.rescue import can_rescue
from core.results import AttentionMap, Drawing, Explained, Layered, Sentiment, Tokenization, Unmasked, Variants, Worked
from core.shown import PARTS
from core.tour import Stop, tour

ACCENT = discord.Colour(0x5865F2)
LENSES = {"sentiment": "Sentiment", "tokens": "Tokens", "attention": "Attention"}
"""Commands that can look at the text of another card."""


class Card(ui.LayoutView):
    """One answer.

    Args:
        texts: Markdown, at most a few hundred characters.
        drawing: The picture.
        name: The picture's file name, without its suffix.
        rows: The controls, row by row.
    """

    def __init__(
        self, texts: Sequence[ui.TextDisplay[Any]], drawing: Drawing, name: str, rows: Sequence[Sequence[Control]]
    ) -> None:
        super().__init__(timeout=None)
        self._drawing, self._name = drawing, f"{name}.{drawing.suffix}"
        picture = discord.MediaGalleryItem(f"attachment://{self._name}", description=drawing.alt)
        self.add_item(
            ui.Container(
                *texts,
                ui.MediaGallery(picture),
                *(ui.ActionRow[Any](*row) for row in rows),
                accent_colour=ACCENT,
            )
        )

    def files(self) -> list[discord.File]:
        """The picture as an attachment, new each time: a `discord.File` can be sent only once."""
        return [discord.File(io.BytesIO(self._drawing.png), self._name, description=self._drawing.alt)]


def view_of(result: Result, look: Look) -> View:
    """The picture of a result."""
    match result:
        case Sentiment():
            return SentimentBars(result)
        case Variants():
            return VariantBars(result)
        case Explained():
            return WhyBars(result)
        case Unmasked():
            return UnmaskBars(result)
        case Layered():
            return LayerBars(result)
        case Tokenization():
            return TokenStrip(result)
        case AttentionMap():
            return look.view(result)
        case Worked():
            return WorkedView(result)


def source_of(result: Result) -> Tokenization | None:
    """The text that a result is about; none for an exercise."""
    if isinstance(result, Worked):
        return None
    return result if isinstance(result, Tokenization) else result.source


async def card_of(core: Core, key: str, result: Result, look: Look | None = None) -> Card:
    """Draw the card of a kept result."""
    look = look or Look()
    drawing = await core.draw(view_of(result, look))
    source = source_of(result)
    texts = [ui.TextDisplay[Any](f"### {_headline(result, look)}")]
    if source:
        text = result.template if isinstance(result, Variants) and result.template else source.text
        texts += [shown(text, result), ui.TextDisplay("\n".join([*_warnings(source), _footer(source)]))]
    if isinstance(result, Tokenization) and (changed := changes(result)):
        texts.append(ui.TextDisplay(normalised(result, changed)))
    if isinstance(result, Unmasked) and result.fillings:
        texts.append(ui.TextDisplay(together(result)))
    rows = _look_rows(key, result, look) if isinstance(result, AttentionMap) else []
    if source and can_rescue(source) and not isinstance(result, Variants):
        rows.append([button("rescue", key, _command_of(result), "Read it with a space")])
    return Card(texts, drawing, _command_of(result), [*rows, _last_row(key, result, look)])


async def ask(core: Core, command: str, text: str, tenant: Hashable, **options: Any) -> Card:
    """Run a command and make the card of its answer."""
    wanted = {name: options.pop(name, None) for name in ("kind", "layer", "head", "token", "shown")}
    chosen = {name: number for name, number in wanted.items() if number is not None}
    if command == "tokens":
        result: Result = await core.tokens(text)
    else:
        result = await getattr(core, command)(text, tenant=tenant, **options)
    look = Look(**chosen)
    if isinstance(result, AttentionMap) and not chosen.keys() & {"layer", "head"}:
        look = replace(await asyncio.to_thread(Look.first, result), **chosen)
    return await card_of(core, core.keep(result), result, look)


def _headline(result: Result, look: Look) -> str:
    match result:
        case Sentiment():
            best = result.scores[0]
            answer = f"{best.label} · {best.probability:.1%}"
            return f"Uncertain · leans to {answer}" if result.uncertain else answer
        case Variants():
            return f"{len(result.names)} fillings" if result.template else "What if?"
        case Explained():
            return f"Why {result.label}?"
        case Unmasked():
            return " · ".join(quote(mask[0].word, 40) for mask in result.masks)
        case Layered():
            return "Layer by layer"
        case Tokenization():
            return f"{len(result.tokens)} tokens"
        case AttentionMap():
            return f"Attention · {KINDS[look.kind][0].lower()}"
        case Worked():
            return "Attention, step by step"


def _warnings(source: Tokenization) -> list[str]:
    if not source.unknown:
        return []
    words = ", ".join(quote(word, 30) for word in source.unknown[:5])
    helps = " A space between word and emoji would show it the word." if can_rescue(source) else ""
    return [f"⚠️ The model's vocabulary lacks {words}: it saw only “unknown” there.{helps}"]


def _footer(source: Tokenization) -> str:
    bundled = " · a small bundled model, for trying things out" if source.model.bundled else ""
    return f"-# {source.model.name} · {len(source.tokens)} tokens{bundled}"


def _look_rows(key: str, attention: AttentionMap, look: Look) -> list[list[Control]]:
    options = [
        discord.SelectOption(label=label, value=kind, description=shows, default=kind == look.kind)
        for kind, (label, shows) in kinds(attention).items()
    ]
    rows = [[select("kind", key, str(look), "Kind of picture", options)]]
    if look.kind == "token":
        rows.append([select("token", key, str(look), "Token", _token_options(attention, look))])
    if look.kind == "tour":
        rows.append([_stop_button(key, stop, look) for stop in tour(attention)])
    if look.by_head:
        layers = [_option(f"Layer {n + 1} of {attention.layers}", n, look.layer) for n in range(attention.layers)]
        heads = [_option(f"Head {n + 1} of {attention.heads}", n, look.head) for n in range(attention.heads)]
        rows.append([select("layer", key, str(look), "Layer", layers)])
        rows.append([select("head", key, str(look), "Head", [_option("Mean of all heads", MEAN, look.head), *heads])])
        back, on = look.step(attention, -1), look.step(attention, 1)
        rows.append(
            [button("look", key, f"{back}.back", "◀ Previous head"), button("look", key, f"{on}.on", "Next head ▶")]
        )
    if look.by_square:
        shown = [
            discord.SelectOption(label=label, value=how, default=how == look.shown)
            for how, label in TOKENS.items()
            if attention.source.second or how not in PARTS
        ]
        rows.append([select("shown", key, str(look), "Tokens shown", shown)])
    return rows


def _stop_button(key: str, stop: Stop, look: Look) -> Control:
    there = replace(look, kind="head", layer=stop.layer, head=stop.head)
    return button("look", key, f"{there}.tour", f"{stop.layer + 1}.{stop.head + 1} · {stop.name}")


def _token_options(attention: AttentionMap, look: Look) -> list[discord.SelectOption]:
    source = attention.source
    names = (source.text[token.start : token.end] or token.piece for token in source.tokens)
    return [_option(f"{n + 1}. {quote(name, 40).strip('`')}", n, look.token) for n, name in enumerate(names)]


def _option(label: str, value: int, chosen: int) -> discord.SelectOption:
    return discord.SelectOption(label=label, value=str(value), default=value == chosen)


def _last_row(key: str, result: Result, look: Look) -> list[Control]:
    row = [button("numbers", key, str(look), "As text")]
    if isinstance(result, AttentionMap | Worked):
        row.append(button("take", key, str(look), "Take away"))
    if isinstance(result, Tokenization):
        row.append(button("listing", key, "", "Ids and files"))
    if isinstance(result, Sentiment):
        row += [button("lens", key, "why", "Why?"), button("whatif", key, "", "What if?")]
    if isinstance(result, Unmasked):
        row.append(button("lens", key, "layers", "Layer by layer"))
    one = source_of(result) and not isinstance(result, Variants)
    others = [name for name in LENSES if one and name != _command_of(result)]
    return [*row, *(button("lens", key, name, LENSES[name]) for name in others)][:5]


def _command_of(result: Result) -> str:
    match result:
        case Sentiment():
            return "sentiment"
        case Variants():
            return "variants" if result.template else "whatif"
        case Explained():
            return "why"
        case Unmasked():
            return "unmask"
        case Layered():
            return "layers"
        case Tokenization():
            return "tokens"
        case AttentionMap():
            return "attention"
        case Worked():
            return "lab"
