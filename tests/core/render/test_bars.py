"""Bars and token strips: true to scale, and whole for any text."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.language import ENGLISH
from core.render import HeadView, SentimentBars, TokenStrip, UnmaskBars
from core.render.kit.drawing.palette import DARK
from core.render.kit.wording import cautions
from core.render.kit.wording.words import percent
from core.results import AttentionMap, Candidate, Filling, ModelInfo, Score, Sentiment, Token, Tokenization, Unmasked
from tests.core.render.golden import samples

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates included


def bar_lengths(png: bytes) -> list[int]:
    """The lengths of the bars in pixels, from top to bottom."""
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    inks = (DARK.bar, DARK.second, *DARK.others)
    counts = sum((picture == ink).all(axis=-1) for ink in inks).sum(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], counts > 0, [0]])))
    return [int(counts[start:end].max()) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def test_masks_filled_together_have_a_joint_probability_that_nothing_denies() -> None:
    result = samples.unmasked((("capital", 0.7),), (("france", 0.9),))
    together = Filling("beam search", ("capital", "france"), (0, 1), (0.8, 0.75), "The capital of France is France.")
    alt = UnmaskBars(replace(result, fillings=(together,))).draw().alt
    assert "joint probability 60.0%" in alt and "no joint" not in alt
    assert alt.endswith(cautions.MARGINALS)


def test_the_bars_of_a_classifier_are_as_long_as_its_probabilities():
    (whole,) = bar_lengths(SentimentBars(samples.sentiment(("POSITIVE", 1.0), ("NEGATIVE", 0.0))).draw().png)
    three = SentimentBars(samples.sentiment(("POSITIVE", 0.5), ("NEGATIVE", 0.3), ("GOOD", 0.2))).draw()
    assert bar_lengths(three.png) == pytest.approx([whole * 0.5, whole * 0.3, whole * 0.2], abs=1)


def test_the_bars_of_words_are_scaled_to_one_and_not_to_the_most_probable():
    words = (("capital", 0.04), ("city", 0.02))
    lengths = bar_lengths(UnmaskBars(samples.unmasked(words, (("capital", 1.0),))).draw().png)
    assert lengths == pytest.approx([lengths[2] * 0.04, lengths[2] * 0.02, lengths[2]], abs=1)


def test_probabilities_are_never_rounded_to_certainty():
    assert [percent(ENGLISH, p) for p in (1.0, 0.99986, 0.3353, 0.0004, 0.0)] == [
        "100.0%",
        ">99.9%",
        "33.5%",
        "<0.1%",
        "0.0%",
    ]


def test_the_words_say_what_the_bars_show():
    drawing = UnmaskBars(samples.unmasked((("capital", 0.7), (" city", 0.2)), (("france", 0.9),))).draw()
    assert "Mask 1: capital 70.0%, city 20.0%." in drawing.alt
    assert "Mask 2: france 90.0%." in drawing.alt
    table = UnmaskBars(samples.unmasked((("capital", 0.7),))).table()
    assert table.rows == (("1", "1", "capital", "0.700000"),)
    assert "POSITIVE 75.0%" in samples.PICTURES["sentiment"]().draw().alt


def test_a_long_text_is_shown_around_its_mask():
    text = "word " * 100 + "[MASK] here"
    token = Token(103, "[MASK]", 500, 506, word=100)
    result = Unmasked(Tokenization(text, samples.MODEL, (token,)), ((Candidate(1, "now", 0.5, ""),),))
    alt = UnmaskBars(result).draw().alt
    assert "“…" in alt
    assert "[MASK] here”" in alt


def test_the_strip_tells_unknown_and_special_tokens():
    view = TokenStrip(samples.PIECES)
    assert "Unknown to its vocabulary: great🎉." in view.draw().alt
    notes = [row[-1] for row in view.table().rows]
    assert notes == ["special", *[""] * 8, "unknown", "special"]
    assert view.table().rows[1] == ("2", "transform", "1001", "0–9", "")


def test_a_long_strip_is_cut_and_says_so():
    drawing = TokenStrip(samples.LONG).draw()
    assert drawing.height < 2000
    assert f"of {len(samples.LONG.tokens)}" in drawing.alt


def test_one_emoji_is_one_pill_with_the_ids_of_its_bytes():
    pieces = (Token(1, "ĠðŁ", 1, 3, word=0), Token(2, "¤", 2, 3, word=0), Token(3, "Ĺ", 2, 3, word=0))
    alt = TokenStrip(Tokenization("a 🤗", ModelInfo("gpt2"), pieces, kind="byte-level BPE")).draw().alt
    assert "🤗 1 2 3." in alt


@st.composite
def tokenizations(draw: st.DrawFn) -> Tokenization:
    """Any text, cut anywhere, with any flags."""
    text = draw(ANYTHING)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    tokens = [
        Token(draw(st.integers(0, 10**6)), draw(st.one_of(st.just(text[start:end]), ANYTHING)), start, end, *flags)
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)
        for flags in [draw(st.tuples(st.booleans(), st.booleans(), st.none() | st.integers(0, 5)))]
    ]
    return Tokenization(text, ModelInfo(draw(ANYTHING), bundled=draw(st.booleans())), tuple(tokens))


@settings(deadline=None, max_examples=60)
@given(tokenizations(), st.sampled_from(["dark", "light"]), st.lists(st.tuples(ANYTHING, st.floats(0, 1)), max_size=4))
def test_any_text_gives_a_picture_with_words(source, theme, scored):
    attention = samples.attention(source, 1, 2, causal=len(scored) % 2 == 0)
    words = tuple(Candidate(1, word, p, word) for word, p in scored)
    for view in (
        HeadView(attention, 1, 2, theme),
        TokenStrip(source, theme),
        SentimentBars(Sentiment(source, tuple(Score(*pair) for pair in scored)), theme),
        UnmaskBars(Unmasked(source, (words, words)), theme),
    ):
        drawing = view.draw()
        with Image.open(io.BytesIO(drawing.png)) as picture:
            assert picture.format == "PNG"
            assert picture.size == (drawing.width, drawing.height)
            picture.load()
        assert 0 < len(drawing.alt.encode("utf-8").decode()) <= 1024
        table = view.table()
        assert all(len(row) == len(table.header) for row in table.rows)


def test_weights_of_nothing_are_drawn():
    weights = np.zeros((1, 1, len(samples.CAT.tokens), len(samples.CAT.tokens)), np.float16)
    assert HeadView(AttentionMap(samples.CAT, weights), 1, 1).draw().png


def test_drawing_needs_no_torch():
    code = "import core.render, sys; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_line_break_that_is_a_token_ends_its_row():
    pieces = (Token(1, "a", 0, 1, word=0), Token(2, "Ċ", 1, 2, word=1), Token(3, "b", 2, 3, word=2))
    broken = TokenStrip(Tokenization("a\nb", ModelInfo("gpt2"), pieces)).draw()
    whole = TokenStrip(Tokenization("a.b", ModelInfo("gpt2"), pieces)).draw()
    assert broken.height - whole.height == 84
