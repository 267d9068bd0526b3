"""Pictures, their alternative texts and their tables speak every language, and what they say has room."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from cogs.languages import TABLES
from core.language import ENGLISH, Language
from core.maps.tour import choose_heads
from core.render import TourView
from core.render.kit.drawing import runs, text
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.frame import MARGIN, NOTE, WIDTH
from tests.core.render.golden.samples import LONG, PICTURES, attention, first
from tests.said import CAUTIONS

LANGUAGES = [ENGLISH, *(Language.load(file) for file in sorted(TABLES.glob("*.toml")))]
SOURCE = re.compile(r"\(.*?\d{4}[^)]*\)")
WORD = re.compile(r"[A-Za-z]{3,}")

FORMULAS = ("softmax", "tanh", "max", "sin", "cos", "LayerNorm")


class Mute(Language):
    """Says nothing but the values."""

    def __call__(self, sentence: str, /, **values: Any) -> str:
        return " ".join(map(str, values.values()))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is written from now on."""
    found: list[str] = []
    split = runs.runs

    def noting(written: str) -> list[runs.Run]:
        found.append(written)
        return split(written)

    for cached in (text.line, text.turned, text.measure):
        cached.cache_clear()
    monkeypatch.setattr(runs, "runs", noting)
    return found


def texts(value: Any) -> Iterator[str]:
    """Every text in the data of a view."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from texts([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


@pytest.mark.parametrize("name", PICTURES)
def test_every_word_goes_through_the_language(name: str, written: list[str]) -> None:
    view: Any = replace(PICTURES[name](), say=Mute())
    drawing, table = view.draw(), view.table()
    said = " ".join([*written, drawing.alt, *table.header, *(cell for row in table.rows for cell in row)])
    data = " ".join(texts(view)).casefold()
    assert not [word for word in WORD.findall(said) if word.casefold() not in data and word not in FORMULAS]


@pytest.mark.parametrize("say", LANGUAGES, ids=lambda say: say.code)
def test_what_is_written_lies_inside_the_picture(say: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    paint, drawn, outside = Canvas._paint, list[str](), list[str]()

    def watched(canvas: Canvas, x: int, y: int, ink: text.Pixels, *others: Any, **more: Any) -> None:
        tall, wide = ink.shape
        if not (x >= 0 and y >= 0 and x + wide <= canvas.width and y + tall <= canvas.height):
            outside.append(f"{drawn[-1]}: {wide} × {tall} at {x}, {y} of {canvas.width} × {canvas.height}")
        paint(canvas, x, y, ink, *others, **more)

    monkeypatch.setattr(Canvas, "_paint", watched)
    for name, made in PICTURES.items():
        view: Any = replace(made(), say=say)
        drawn.append(name)
        view.draw()
    assert not outside


@pytest.mark.parametrize("say", LANGUAGES[1:], ids=lambda say: say.code)
def test_names_of_one_word_are_written_whole(say: Language, written: list[str]) -> None:
    names = {said for said in say.sentences.values() if said.isalpha()}
    for made in PICTURES.values():
        view: Any = replace(made(), say=say)
        view.draw()
    cut = {text.removesuffix("…") for text in written if text.endswith("…")}
    assert not {name for name in names for stem in cut if len(stem) > 2 and name.startswith(stem)}


@pytest.mark.parametrize("say", LANGUAGES, ids=lambda say: say.code)
@pytest.mark.parametrize("count", [5, 9, 16, 30])
def test_the_reasons_of_a_tour_stand_whole_over_their_squares(say: Language, count: int, written: list[str]) -> None:
    source = first(LONG, count)
    for view in (TourView(attention(source), say=say), TourView(attention(source, causal=True), say=say)):
        view.draw()
        drawn = re.sub(r"\s", "", "".join(written))
        for stop in choose_heads(view.map):
            assert re.sub(r"\s", "", stop.why(say)) in drawn


@pytest.mark.parametrize("say", LANGUAGES, ids=lambda say: say.code)
def test_cautions_are_shown_whole_with_their_sources_and_every_sign_has_a_font(say: Language) -> None:
    for caution in CAUTIONS:
        assert SOURCE.findall(say(caution)) == SOURCE.findall(caution)
        assert not any(line.endswith("…") for line in text.wrap(say(caution), WIDTH - 2 * MARGIN, NOTE, limit=4))
    for said in say.sentences.values():
        assert runs.BOX not in {run.face for run in runs.runs(said)}, said
