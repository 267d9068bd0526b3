"""One call for a picture of anything, counted as pictures count; and pages in frames."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import AttentionMap, Core, interactive, parse_exercise, show
from core.errors import BadInput
from core.render import HeadView, OverviewGrid, SentimentBars, TokenStrip, UnmaskBars
from tests.core.render.golden import samples

TEXT = "The cat sat on the mat."


def weights(*shape: int) -> np.ndarray[Any, Any]:
    raw = np.random.default_rng(2).random(shape) + 0.1
    return raw / raw.sum(axis=-1, keepdims=True)


async def test_every_result_has_its_picture(core: Core) -> None:
    results = (
        await core.sentiment(TEXT),
        await core.several("One.\nTwo."),
        await core.variants("The {cat|dog} sat."),
        await core.why("The cat sat."),
        await core.unmask("The ___ sat."),
        await core.layers("The ___ sat."),
        await core.tokens(TEXT),
        await core.decode("[2, 5, 6]"),
        await core.attention(TEXT),
        await core.sentiment_with(TEXT, other="bundled/minilm"),
        await core.unmask_with("The ___ sat.", other="bundled/bert-mini"),
        await core.attention_with(TEXT, other="bundled/minilm"),
        await core.attention_row(TEXT, layer=2, head=1, position=2),
        await core.lab(parse_exercise()),
        await core.why_word("The ___ sat.", rather="cat"),
        await core.surprisal("The cat sat."),
        await core.lens("The ___ sat."),
        await core.patch("the cat ___. [VS] the mat ___.", compare="cat, mat"),
    )
    for result in results:
        for theme in ("dark", "light"):
            assert show(result, theme=theme).draw().alt
    assert isinstance(show(results[0]), SentimentBars)
    assert isinstance(show(results[4]), UnmaskBars)
    assert isinstance(show(results[6]), TokenStrip)


def test_layers_and_heads_are_counted_as_the_picture_counts_them() -> None:
    attention = samples.attention(samples.CAT)
    view = show(attention, layer=2, head=3)
    assert "Layer 2 of 4 · head 3 of 4" in view.draw().alt
    assert isinstance(view, HeadView)
    assert np.array_equal(view.weights, attention.to_numpy()[1, 2])
    assert "Layer 4 of 4 · mean of 4 heads" in show(attention, layer=4).draw().alt
    assert isinstance(show(attention), OverviewGrid)
    assert repr(view).endswith(" · layer 2 · head 3>") and "mean of the heads" in repr(show(attention, layer=2))


def test_any_weights_without_a_hub_name() -> None:
    assert "Layer 1 of 1 · head 1 of 1" in show(weights(3, 3), ["a", "b", "c"]).draw().alt
    assert isinstance(show(weights(2, 2, 3, 3)), OverviewGrid)
    assert isinstance(show(weights(2, 3, 3)), OverviewGrid)
    assert "Layer 1 of 1 · head 2 of 2" in show(weights(2, 3, 3), head=2).draw().alt
    assert "Layer 1 of 1 · mean of 2 heads" in show(weights(2, 3, 3), layer=1).draw().alt
    assert "Cross-attention" in show(weights(2, 3), list("abc"), rows=list("xy")).draw().alt


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"layer": 0}, "choose one from 1 to 4"),
        ({"layer": 5}, "choose one from 1 to 4"),
        ({"layer": 1, "head": 0}, "choose one from 1 to 4"),
        ({"layer": 1, "head": 5}, "choose one from 1 to 4"),
        ({"head": 1}, "say with layer= which"),
        ({"shown": "words"}, "say with layer= which"),
        ({"layer": 1, "theme": "blue"}, "choose dark or light"),
        ({"theme": "blue"}, "choose dark or light"),
        ({"layer": 1, "shown": "some"}, "choose one of all, words"),
        ({"layer": 1, "shown": "ab"}, "There is only one text"),
    ],
)
def test_refused_with_the_reason(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        show(samples.attention(samples.CAT), **options).draw()


@pytest.mark.parametrize("name", samples.PICTURES)
def test_no_picture_takes_a_theme_that_there_is_not(name: str) -> None:
    view = samples.PICTURES[name]()
    options = {field: getattr(view, field) for field in view.__dataclass_fields__}  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match="choose dark or light"):
        type(view)(**{**options, "theme": "Dark"})


def test_a_page_lives_in_a_frame_of_its_own(tmp_path: Path) -> None:
    page = interactive(weights(2, 2, 3, 3), ["<b>", "</script>", "c"], layer=2, head=1, height=300)
    shown = page._repr_html_()
    inside = re.fullmatch(r'<iframe srcdoc="([^"]*)" sandbox="allow-scripts" [^>]*height: 300px[^>]*></iframe>', shown)
    assert inside and html.unescape(inside[1]) == page.html
    assert "<b>" not in page.html.partition("<body>")[2]
    assert page.save(tmp_path / "page.html").read_text(encoding="utf-8") == page.html
    assert len(repr(page)) < 60
    with pytest.raises(BadInput, match="choose one from 1 to 2"):
        interactive(AttentionMap.of(weights(2, 2, 3, 3)), layer=3)
