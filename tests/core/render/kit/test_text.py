"""Text of any script is drawn, and hostile text does no harm."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from core.render.kit.drawing import runs, text
from core.render.kit.wording.labels import labels
from core.results import ModelInfo, Token, Tokenization

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40)  # lone surrogates included
COVERAGE = json.loads((runs.FOLDER / "coverage.json").read_text())


def faces(sample: str) -> list[str]:
    return [run.face for run in runs.runs(sample)]


@pytest.mark.parametrize(
    ("sample", "face"),
    [
        ("Ünïcödé Ελληνικά Кириллица", "DejaVuSans"),
        ("你好世界", "DroidSansFallback"),
        ("ひらがなカタカナ", "DroidSansFallback"),
        ("한국어", "DroidSansFallback"),
        ("مرحبا", "NotoSansArabic"),
        ("שלום", "NotoSansHebrew"),
        ("नमस्ते", "NotoSansDevanagari"),
        ("বাংলা", "NotoSansBengali"),
        ("தமிழ்", "NotoSansTamil"),
        ("ภาษาไทย", "NotoSansThai"),
        ("🎉👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇫🇷👍🏽❤️1️⃣", "NotoColorEmoji"),
    ],
)
def test_every_script_is_drawn_in_one_run_by_its_font(sample, face):
    (run,) = runs.runs(sample)
    assert run.face.startswith(face)
    assert run.text == sample
    drawn = text.line(sample, 24)
    assert drawn.ink.any() or drawn.emoji.any()


def test_a_text_emoji_stays_text_and_a_picture_becomes_one():
    assert faces("☺ © 1") == [runs.TEXT]
    assert faces("☺\ufe0f") == [runs.EMOJI]


@pytest.mark.parametrize(
    "missing", ["\U0001da8b", "\ue000", "\U0010ffff", "\ud800", "\u200b", "\u202e", "\u2066", "\ufeff", "\x07"]
)
def test_what_no_font_shows_is_a_box_with_its_code_point(missing):
    assert runs.runs(f"a{missing}b")[1] == runs.Run(runs.BOX, missing, "ltr")
    width = text.measure(f"U+{ord(missing):04X}", 14)
    assert text.line(missing, 24).width >= width
    assert text.line(missing, 24).ink.any()


def test_bidi_controls_do_not_turn_what_follows():
    assert [run.text for run in runs.runs("abc\u202edef")] == ["abc", "\u202e", "def"]


def test_right_to_left_words_change_places():
    assert [run.text for run in runs.runs("one שלום two")] == ["one ", "שלום", " two"]
    assert [run.text.strip() for run in runs.runs("שלום one") if run.text.strip()] == ["one", "שלום"]


@given(ANYTHING)
@example("\u06d6")  # a mark whose font has no dotted circle
def test_every_character_goes_to_a_font_that_has_it(sample):
    for run in runs.runs(sample):
        if run.face:
            points = [ord(char) for char in run.text if not runs._IGNORABLE.match(char)]
            assert all(any(low <= point <= high for low, high in COVERAGE[run.face]) for point in points)


@given(ANYTHING)
def test_no_character_is_lost(sample):
    drawn = Counter(char for run in runs.runs(sample) for char in run.text)
    kept = Counter(char for char in "".join(runs.clusters(sample)) if not runs._IGNORABLE.match(char))
    assert not kept - drawn


@settings(deadline=None)
@given(ANYTHING, st.sampled_from([12, 20, 26]), st.booleans())
def test_any_text_stays_in_its_line(sample, size, italic):
    line = text.line(sample, size, italic)
    above, below = line.origin[1], line.ink.shape[0] - line.origin[1]
    assert not line.ink.size or (above <= size * 1.2 and below <= size * 0.5)
    assert line.width >= 0


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"], ids=["line", "paragraph"])
def test_separators_are_shown_as_their_code_point(separator):
    assert [run.text for run in runs.runs(f"a{separator}b") if run.face == runs.BOX] == [separator]
    assert text.line(separator, 12).ink.any()


def test_stacked_accents_stay_in_their_line():
    stacked, single = text.line("a" + "\u0301" * 500, 24), text.line("á", 24)
    assert single.origin[1] <= stacked.origin[1] <= 24 * 1.2
    assert stacked.width < 2 * single.width


@settings(deadline=None)
@given(st.text(max_size=120), st.integers(80, 400), st.integers(1, 4))
def test_lines_fit_and_say_when_something_is_left_out(sample, width, limit):
    lines = text.wrap(sample, width, 20, limit)
    assert len(lines) <= limit
    for line in lines:
        assert text.measure(line, 20) <= width + 1 or len(runs.clusters(line.removesuffix("…"))) == 1
    if "".join("".join(lines).split()) != "".join(sample.split()):
        assert lines[-1].endswith("…")


@given(st.text(), st.integers(3, 20))
def test_a_long_name_loses_its_middle(sample, limit):
    short = text.shorten(sample, limit)
    whole = runs.clusters(sample)
    if len(whole) <= limit:
        assert short == "".join(whole)
    else:
        assert short.startswith(whole[0])
        assert short.endswith(whole[-1])
        assert "…" in short


@settings(deadline=None)
@given(ANYTHING.filter(bool), st.booleans(), st.booleans())
def test_a_label_is_never_empty_to_the_eye(written, special, unknown):
    token = Token(1, written, 0, 0 if special else len(written), special, unknown)
    (label,) = labels(Tokenization(written, ModelInfo("m"), (token,)))
    drawn = text.line(label.numbered, 24)
    assert drawn.ink.any() or (drawn.emoji is not None and drawn.emoji.any())


@pytest.mark.parametrize(
    ("sample", "lines"),
    [
        ("The cat sat on the mat.", ["The cat sat", "on the mat."]),
        ("一つ目のテキストが、二つ目を見る。", ["一つ目のテキストが、", "二つ目を見る。"]),
        ("短い [SEP] のあと（括弧）", ["短い [SEP] のあと", "（括弧）"]),
        ("« oui », dit le chat : non", ["« oui », dit le", "chat : non"]),
    ],
)
def test_lines_are_broken_where_readers_expect_it(sample, lines):
    assert text.wrap(sample, text.measure(lines[0], 20) + 6, 20, 4) == lines


@pytest.fixture
def unshaped(monkeypatch):
    """Pillow as it is on a computer without FriBiDi, which its wheels look for."""
    kept = (text.line, text.turned, text.measure, text._font, text._shapes)
    monkeypatch.setattr(ImageFont.core, "HAVE_RAQM", False)
    for cached in kept:
        cached.cache_clear()
    yield
    for cached in kept:
        cached.cache_clear()


@pytest.mark.usefixtures("unshaped")
def test_without_fribidi_every_text_is_still_drawn_and_hebrew_in_its_order():
    for sample in ("The cat", "مرحبا", "नमस्ते", "🎉👨‍👩‍👧‍👦", "אב a", "\u2029", "a\u0301" * 40):
        assert text.line(sample, 20).width == text.measure(sample, 20) > 0
    first, second = (text.line(letter, 40).ink for letter in "אב")
    assert text.line("אב", 40).ink[:, : second.shape[1]].tobytes() == second.tobytes() != first.tobytes()
