"""How results show themselves: short in a console, as tables in a notebook, with numbers as numbers in a frame."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Core
from core.lab import parse_exercise
from core.results import (
    AttentionMap,
    Chance,
    Drawing,
    LensMap,
    ModelInfo,
    Positions,
    Sampling,
    Score,
    Sentiment,
    SentimentBatch,
    Table,
    Token,
    Tokenization,
    Written,
)
from core.results.shown import Shown, short, to_html
from tests.core.render.golden import samples

TEXT = "The cat sat on the mat because it was tired."


@pytest.fixture(name="results")
async def all_results(core: Core) -> dict[str, Shown]:
    return {
        "sentiment": await core.sentiment(TEXT),
        "several": await core.several("One.\nTwo."),
        "variants": await core.variants("The {cat|dog} sat."),
        "why": await core.why("The cat sat."),
        "why a word": await core.why_word("The ___ sat.", rather="cat"),
        "surprisal": await core.surprisal("The cat sat."),
        "unmask": await core.unmask("The ___ sat on the ___."),
        "layers": await core.layers("The ___ sat."),
        "lens": await core.lens("The ___ sat."),
        "patch": await core.patch("the cat ___. [VS] the mat ___.", compare="cat, mat"),
        "tokens": await core.tokens(TEXT),
        "decode": await core.decode("[2, 5, 6]"),
        "attention": await core.attention(TEXT),
        "attention row": await core.attention_row(TEXT, layer=2, head=1, position=2),
        "lab": await core.lab(parse_exercise()),
    }


async def test_every_result_is_short_in_a_console_and_a_table_in_a_notebook(results: dict[str, Shown]) -> None:
    for name, result in results.items():
        assert len(repr(result)) < 200 and "\n" not in repr(result), name
        shown = result._repr_mimebundle_()
        assert shown["text/plain"] == repr(result)
        assert shown["text/html"].startswith("<table>") and len(shown["text/html"]) < 20_000, name


def test_what_there_is_one_of_is_not_told_as_several() -> None:
    """``1 layers × 1 heads`` is no English."""
    source = Tokenization("a", ModelInfo("m"), (Token(1, "a", 0, 1),))
    one = np.ones((1, 1), np.float32)
    told: list[object] = [
        AttentionMap.of([[1.0]], ["a"]),
        AttentionMap.of(np.ones((1, 1, 2, 1)), ["a"], rows=["b", "c"]),
        source,
        Written(source, "", (Chance(0.5, 1),), Sampling(), (), (0, 0), 1),
        LensMap(source, (("a",), ("a",)), one, ()),
        Positions(source.model, one, learned=True),
        samples.exercise(query="1 0"),
        SentimentBatch((Sentiment(source, (Score("A", 1.0),)),)),
        Table(("a",), (("b",),)),
    ]
    for one_of in told:
        assert " 1 " in repr(one_of).replace(":", ": ") and not re.search(r"\b1 \w+s\b", repr(one_of)), repr(one_of)


def test_no_folder_of_this_computer_is_shown() -> None:
    assert "secret" not in repr(ModelInfo("m", folder="/secret"))


async def test_every_result_becomes_a_frame_with_numbers_as_numbers(results: dict[str, Shown]) -> None:
    numeric = {
        "sentiment": ["score"],
        "several": ["GOOD"] if "GOOD" in results["several"].columns() else [],
        "why": ["gradients", "masked"],
        "why a word": ["gradients", "masked"],
        "surprisal": ["token", "bits", "probability", "its probability"],
        "unmask": ["mask", "rank", "probability", "id"],
        "layers": ["layer", "probability", "answer", "rank"],
        "lens": ["layer", "position", "probability"],
        "patch": ["layer", "head", "position", "share"],
        "tokens": ["token", "id", "start", "end"],
        "attention": ["layer", "head", "row", "column", "weight"],
        "attention row": ["column", "product", "scaled", "added", "weight", "value norm"],
        "lab": ["row", "column", "value"],
    }
    for name, result in results.items():
        frame = result.to_frame()
        assert len(frame) == len(next(iter(result.columns().values()))) > 0
        for column in numeric.get(name, []):
            assert frame[column].dtype.kind in "if", (name, column)


async def test_a_frame_of_a_map_counts_as_pictures_do_and_has_every_weight(core: Core) -> None:
    found = await core.attention(TEXT)
    frame, weights = found.to_frame(), found.to_numpy()
    assert len(frame) == weights.size and weights.dtype == np.float32
    row = frame[(frame["layer"] == 2) & (frame["head"] == 1) & (frame["row"] == 3) & (frame["column"] == 2)]
    assert row["weight"].item() == weights[1, 0, 2, 1]
    assert row["from"].item() == found.source.tokens[2].piece and row["to"].item() == found.source.tokens[1].piece
    assert frame.groupby(["layer", "head", "row"])["weight"].sum().between(0.99, 1.01).all()


def test_cells_become_numbers_only_where_all_of_a_column_are() -> None:
    table = Table(
        ("token", "share", "count", "change", "mixed"),
        (("1", "98.0%", "1,024", "−0.5", "0.1"), ("x", "0.5%", "3", "+2", "it 0.9")),
    )
    columns = table.columns()
    assert columns["token"] == ["1", "x"] and columns["mixed"] == ["0.1", "it 0.9"]
    assert columns["share"] == pytest.approx([0.98, 0.005])
    assert columns["count"] == [1024, 3] and columns["change"] == [-0.5, 2]


def test_two_columns_of_one_name_are_two_columns() -> None:
    assert list(Table(("from", "the", "the"), (("a", "1", "2"),)).columns()) == ["from", "the 2", "the 3"]


def test_a_long_table_shows_its_beginning_and_says_so() -> None:
    assert "and 150 more rows" in to_html({"n": range(200)})


@given(st.text(max_size=60))
def test_hostile_text_stays_text(text: str) -> None:
    source = Tokenization(text, ModelInfo(text), ())
    assert "\n" not in repr(source)
    shown = to_html({text: [text]})
    inside = re.fullmatch(r"<table>.*<th scope=\"col\">(.*?)</th>.*<td[^>]*>(.*?)</td>.*</table>", shown, re.DOTALL)
    assert inside and "<" not in inside[1] + inside[2]
    assert html.unescape(inside[2]).count("<") == text.count("<")
    assert not set("\u202e\u2066\u200b\x00") & set(shown + repr(source))


def test_a_drawing_shows_itself_with_its_alternative_text() -> None:
    drawing = samples.PICTURES["head"]().draw()
    data, facts = drawing._repr_mimebundle_()
    assert data["image/png"] == drawing.png and data["text/plain"] == drawing.alt
    assert facts == {"image/png": {"alt": drawing.alt}}
    assert len(repr(drawing)) < 150
    film, _ = samples.PICTURES["film"]().draw()._repr_mimebundle_()
    assert film["image/gif"].startswith(b"GIF8")
    vector, _ = drawing.as_svg()._repr_mimebundle_()
    assert vector["image/svg+xml"].startswith("<svg")


@pytest.mark.parametrize("name", samples.PICTURES)
def test_every_picture_shows_itself(name: str) -> None:
    view: Any = samples.PICTURES[name]()
    data, _ = view._repr_mimebundle_()
    assert {"image/png", "image/gif"} & set(data)
    assert len(repr(view)) < 300
    assert len(view.to_frame()) == len(view.table().rows)


def test_what_it_is_called_has_no_empty_parts() -> None:
    assert short(Drawing(b"", "", 1, 1), "a", "", "b") == "<Drawing: a · b>"
