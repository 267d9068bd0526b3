"""How a card shows what it was asked, so that it can be read back: `cogs.cards.question` does.

Results are kept in memory for a while only. A control of an older card still works where the card shows exactly what
was asked, which the ids of its texts say: Discord hands ids back as they were sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from discord import ui

from cogs.cards.markdown import code_span, word_span
from core.reading.sampling import spell_sampling
from core.results import (
    Ablation,
    AttentionRow,
    Choice,
    DecodedText,
    Explanation,
    LensMap,
    ModelInfo,
    Patching,
    Result,
    SentimentBatch,
    TwoFillings,
    Unmasked,
    Variants,
    WorkedExercise,
    Written,
)
from core.takeaway.recipe import spell_exercise

EXACT = 1000
"""The id of a text that is shown as it was asked, plus the words that were asked for per mask; others are smaller."""

ASKED, CUT = 2000, 2001
"""The id of what was asked beside that text or in its place: shown as it was asked, or not exactly."""

TARGETS = "targets:"
"""Before words that are compared, or followed."""

MEAN = "mean:True"
"""How it is asked what becomes of an answer with the mean of a part in its place, rather than zero."""

OFF = "off:"
"""Begins how heads are told that somebody switched off."""

AT_MASK = "mask:"
"""Begins how it is told at which of several masks, unless it is the first."""

LONGEST_ASKED = 600
"""Characters of it that a card shows."""

LONGEST_LINE = 120
"""Characters of each of several texts."""


def text_display(text: str, result: Result) -> ui.TextDisplay[Any]:
    """The text of a result as its card shows it."""
    first = result.answers[0] if isinstance(result, TwoFillings) else result
    top = len(first.masks[0]) if isinstance(first, Unmasked) else 0
    span = code_span(text)
    return ui.TextDisplay(span, id=EXACT + top if span == f"`{text}`" else None)


def asked_displays(result: Result) -> list[ui.TextDisplay[Any]]:
    """What was asked beside the text of a result: ids, words, another text, a mean for zero, settings, an exercise."""
    lines = _asked(result)
    spans = [code_span(asked, LONGEST_ASKED) for asked in lines]
    exact = spans == [f"`{asked}`" for asked in lines]
    return [ui.TextDisplay("\n".join(spans), id=ASKED if exact else CUT)] if lines else []


def _asked(result: Result) -> list[str]:
    match result:
        case Ablation() if result.mean or result.picked or result.mask > 1:
            return [spell_switches(result)]
        case Explanation():
            return spell_explained(result)
        case DecodedText(source=source):
            return [str(source.ids)]
        case Variants(template="", answers=(_, changed)):
            return [changed.source.text]
        case Unmasked(targets=(first, *_)) | TwoFillings(answers=(Unmasked(targets=(first, *_)), _)):
            return [f"{TARGETS}{', '.join(target.word for target in first)}"]
        case LensMap(named=(_, *_)) | Patching(named=(_, *_)):
            return [f"{TARGETS}{', '.join(result.named)}"]
        case AttentionRow():
            return [spell_place(result)]
        case Written(sampling=sampling):
            return [spell_sampling(sampling)]
        case WorkedExercise():
            return [spell_exercise(result)]
        case _:
            return []


def note_display(note: str, result: Result) -> ui.TextDisplay[Any]:
    """A note of a card; that of several texts holds them, a line each."""
    if not isinstance(result, SentimentBatch):
        return ui.TextDisplay(note)
    return ui.TextDisplay(note, id=ASKED if _are_exact([answer.source.text for answer in result.answers]) else CUT)


def model_line(model: ModelInfo) -> str:
    """How the line of a card begins that says which model answered."""
    return f"-# {model.name}"


def tokenizer_line(model: ModelInfo) -> str:
    """How the line of a card begins that says how finely a tokenizer cuts."""
    return f"{code_span(model.name, 80)} "


def spell_switches(result: Ablation) -> str:
    """What stands in for parts, and which heads are off: ``mean:True mask:2 off:1.4,2.3``; `read_switches` reads it."""
    heads = ",".join(f"{one.part.layer + 1}.{(one.part.head or 0) + 1}" for one in result.picked)
    mask = f"{AT_MASK}{result.mask}" if result.mask > 1 else ""
    return " ".join(filter(None, [MEAN if result.mean else "", mask, f"{OFF}{heads}" if heads else ""]))


def read_switches(asked: str) -> dict[str, Any]:
    """The options of `Core.ablate_word` that `spell_switches` wrote."""
    said = {name: value for name, _, value in (option.partition(":") for option in asked.split())}
    heads = [head.split(".") for head in said.get("off", "").split(",") if head]
    mask = {"mask": int(said["mask"])} if said.get("mask", "").isdecimal() else {}
    return {"mean": "mean" in said, "off": [(int(layer), int(head)) for layer, head in heads], **mask}


def options_of(result: Result) -> dict[str, Any]:
    """What was asked beside the text of a result, as options of the method of the core that gave it."""
    match result:
        case Ablation():
            return read_switches(spell_switches(result))
        case Explanation():
            return read_explained(spell_explained(result))
        case Unmasked(masks=masks, targets=targets):
            return {"top": len(masks[0]), "compare": ", ".join(target.word for one in targets[:1] for target in one)}
        case LensMap(named=named) | Patching(named=named):
            return {"compare": ", ".join(named)}
        case Written(sampling=sampling):
            return asdict(sampling)
        case _:
            return {}


def spell_place(row: AttentionRow) -> str:
    """Which row it is, such as ``layer:4 head:2 token:9``, counted from 1; `read_place` reads it."""
    side = f" side:{row.side}" if row.side else ""
    return f"layer:{row.layer + 1} head:{row.head + 1} token:{row.position + 1}{side}"


def read_place(asked: str) -> dict[str, Any]:
    """The options of `Core.attention_row` that `spell_place` wrote."""
    said = dict(option.split(":") for option in asked.split())
    place = {"layer": int(said["layer"]), "head": int(said["head"]), "position": int(said["token"]) - 1}
    return {**place, "side": said.get("side", "")}


def spell_explained(result: Explanation) -> list[str]:
    """Which answer is explained, such as ``mask:2`` and ``answer:paris (3456)``, unless it is the most probable one."""
    numbered = [("answer", result.answer), ("rather", result.rather)]
    if not result.compared and result.rather is None and result.answer == result.choices[0]:
        numbered = []
    return [
        *([f"{TARGETS}{result.compared}"] if result.compared else []),
        *([f"mask:{result.mask}"] if result.mask > 1 else []),
        *(" ".join(f"{name}:{_named(one)} ({one.number})".split()) for name, one in numbered if one),
    ]


def read_explained(asked: Sequence[str]) -> dict[str, Any]:
    """The options of `Core.why` or `Core.why_word` that `spell_explained` wrote."""
    options = dict[str, Any]()
    for line in asked:
        name, _, value = line.partition(":")
        if line.startswith(TARGETS):
            options["compare"] = value
        else:
            options[name] = int(value.rpartition("(")[2].rstrip(")"))
    return options


def _named(choice: Choice) -> str:
    return word_span(choice.name)[1:-1]


def _are_exact(texts: Sequence[str]) -> bool:
    return all(code_span(text, LONGEST_LINE) == f"`{text}`" for text in texts)
