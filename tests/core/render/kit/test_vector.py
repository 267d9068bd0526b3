"""Vector pictures: shapes and outlines of what the canvas was told, nothing that a reader must have or could run."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.render import HeadView, TokenStrip
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.outlines import outline
from core.render.kit.drawing.text import line, turned
from core.results import AttentionMap
from tests.core.render.golden import samples

SVG = "{http://www.w3.org/2000/svg}"
STILL = [name for name in samples.PICTURES if not name.startswith("film")]


def parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 - our own


@pytest.mark.parametrize("name", STILL)
def test_every_picture_has_one(name: str) -> None:
    drawing = samples.PICTURES[name]().draw()
    vector = drawing.as_svg()
    root = parsed(vector.png)
    assert (root.get("width"), root.get("height")) == (str(drawing.width), str(drawing.height))
    assert root.get("aria-label") == drawing.alt == vector.alt
    assert not root.findall(f".//{SVG}text")  # no font is needed
    used = {use.get("href") for use in root.iter(f"{SVG}use")}
    assert used and used <= {f"#{path.get('id')}" for path in root.iter(f"{SVG}path")}
    for image in root.iter(f"{SVG}image"):  # an emoji, not the picture
        assert float(image.get("width", 0)) < 60
    again = samples.PICTURES[name]().draw().as_svg()
    assert again.png == vector.png


@pytest.mark.parametrize("name", ["film", "film-difference-light"])
def test_a_film_has_none(name: str) -> None:
    with pytest.raises(BadInput, match="A film has no vector picture"):
        samples.PICTURES[name]().draw().as_svg()


def test_the_name_of_a_file_says_what_it_becomes(tmp_path: Path) -> None:
    view = samples.PICTURES["head"]()
    assert isinstance(view, HeadView)
    assert view.save(tmp_path / "head.SVG").read_bytes().startswith(b"<svg")
    assert view.save(tmp_path / "head.png").read_bytes() == view.draw().png
    with pytest.raises(BadInput, match=r"That picture is a \.png"):
        view.save(tmp_path / "head.pdf")
    film = samples.PICTURES["film"]()
    assert film.draw().save(tmp_path / "film.gif").read_bytes().startswith(b"GIF8")


def test_fields_cover_the_same_pixels_as_in_the_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 4, (9, 14)).astype(np.uint8).repeat(3, axis=0).repeat(2, axis=1)
    canvas = Canvas(40, 40, "dark")
    canvas.lay(5, 6, pixels)
    drawn = np.zeros_like(canvas.pixels)
    colours = {"#{:02x}{:02x}{:02x}".format(*canvas.colour_of(index)): index for index in range(4)}
    for path in parsed(canvas.drawing("").as_svg().png).iter(f"{SVG}path"):
        for left, top, wide, high in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", path.get("d", "")):
            x, y, right, bottom = int(left), int(top), int(left) + int(wide), int(top) + int(high)
            assert not drawn[y:bottom, x:right].any()  # no field twice
            drawn[y:bottom, x:right] = colours[path.get("fill", "")]
    assert np.array_equal(drawn, canvas.pixels)


def test_letters_are_as_wide_as_in_the_picture() -> None:
    for text in ("Attention", "नमस्ते", "مرحبا", "你好", "🎉", "a\u0000b", "fi ffi"):
        script = line(text, 26).script
        assert outline(script).width == pytest.approx(line(text, 26).width, rel=0.06, abs=1.5), text
    assert turned("word", 20, False, False, 90).script.degrees == 90


@given(st.text(max_size=30))
def test_hostile_text_is_drawn_or_escaped(text: str) -> None:
    source = samples.tokenization("one two", ["one", "two"])
    token = source.tokens[1]
    hostile = type(source)(text, source.model, (source.tokens[0], type(token)(1, text, 0, len(text), word=0)))
    drawing = TokenStrip(hostile).draw()
    root = parsed(drawing.as_svg().png)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "defs", "path", "rect", "g", "use", "image", "clipPath",
    }  # fmt: skip
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)


def test_many_tokens_stay_of_a_size_to_send() -> None:
    many = samples.first(samples.LONG, 200)
    drawing = HeadView(samples.attention(many), 1, 1).draw()
    assert len(drawing.as_svg().png) < 4_000_000
    assert isinstance(samples.attention(many), AttentionMap)
