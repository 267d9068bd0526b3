"""What a course asks: answers and their pictures, from the bundled models."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import Core, CoreSettings, show
from core.errors import BadInput, CoreClosed
from core.render import BottleneckView, FillOrContinueView, MovesView, PositionsView, SaturationView


async def test_saturation_is_the_same_for_the_same_seed(core: Core) -> None:
    found, again, other = [await core.saturation(seed=seed) for seed in (7, 7, 8)]
    assert (found.plain == again.plain).all() and (found.plain != other.plain).any()
    view = show(found, theme="light")
    assert isinstance(view, SaturationView) and view.draw().png == SaturationView(again, "light").draw().png
    frame = found.columns()
    assert list(frame["d"]) == [4] * 4 + [64] * 4 + [512] * 4
    assert [f"{bits:.3f}" for bits in frame["plain"]] == [row[2] for row in view.table().rows]


@pytest.mark.parametrize("seed", [-1, 2**32])
async def test_a_seed_has_bounds(core: Core, seed: int) -> None:
    with pytest.raises(BadInput, match="goes from 0 to 4,294,967,295"):
        await core.saturation(seed=seed)


async def test_a_closed_core_teaches_nothing(settings: CoreSettings) -> None:
    core = await Core.start(settings)
    await core.close()
    with pytest.raises(CoreClosed):
        await core.saturation()


async def test_positions_are_compared_by_their_cosine(core: Core) -> None:
    found = await core.positions()
    assert found.learned and found.model == core.models.get("attention")
    expected = torch.nn.functional.cosine_similarity(*(torch.tensor(found.vectors)[[3, 7]]), dim=0)
    assert found.cosines[3, 7] == pytest.approx(float(expected), abs=1e-6)
    assert found.cosines.diagonal() == pytest.approx(1, abs=1e-6)
    columns = found.columns()
    means = np.array(columns["cosine"])[np.array(columns["distance"]) == 5].mean()
    assert found.alike(5) == pytest.approx(means, abs=1e-6)
    view = show(found)
    assert isinstance(view, PositionsView) and len(view.table().rows) == len(found.vectors) - 1


async def test_parts_move_every_token_of_a_text(core: Core) -> None:
    found = await core.moves("The cat sat on the mat.")
    assert found.shares.shape == (*found.stream.shape[:2], len(found.source.tokens))
    columns = found.columns()
    assert len(columns["share"]) == found.stream.size and columns["part"][len(found.source.tokens)] == "feed-forward"
    view = MovesView(found, 2)
    assert f"{found.shares[:, :, 2].max():.2f} times" in view.finding()
    assert len(view.table().rows) == 2 * len(found.stream)
    assert show(found).draw().png == MovesView(found, 1).draw().png
    with pytest.raises(BadInput, match="choose one from 0 to"):
        MovesView(found, len(found.source.tokens))


async def test_parts_of_an_encoder_and_a_decoder_are_not_followed(core: Core) -> None:
    with pytest.raises(BadInput, match="encoder with a decoder"):
        await core.moves("The cat sat.", model="bundled/reverser")


async def test_looking_back_keeps_a_sentence_that_one_vector_does_not(core: Core) -> None:
    text = "The animal did not cross the street because it was too tired."
    found = await core.bottleneck(text)
    assert [row.words for row in found.rows] == [2, 4, 6, 8, 10, 12]
    assert found.rows[1].text == "The animal did not" and found.rows[1].expected == "not did animal the"
    assert found.rows[-1].text == text
    assert all(row.whole.right == 1 and row.whole.text == row.expected for row in found.rows)
    assert found.rows[-1].one.right < 0.5 and found.rows[-1].cut.right < 0.5
    assert len({row.cut.text for row in found.rows}) == 1
    assert found.columns()["one"] == [row.one.right for row in found.rows]
    view = show(found)
    assert isinstance(view, BottleneckView) and "100% come right looking back" in view.finding()


async def test_more_words_give_no_more_lengths(core: Core) -> None:
    found = await core.bottleneck(" ".join(["one", "two"] * 20))
    counts = [row.words for row in found.rows]
    assert counts == sorted(set(counts)) and (counts[0], counts[-1], len(counts)) == (2, 40, 7)


@pytest.mark.parametrize(("text", "told"), [("Hello", "several words"), ("one two " * 30, "shorten it")])
async def test_a_sentence_must_have_an_order_and_fit(core: Core, text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        await core.bottleneck(text)


async def test_a_gap_is_filled_by_one_model_and_gone_on_with_by_another(core: Core) -> None:
    text = "I put the money in the ___ before the river rose over its banks."
    found = await core.fill_or_continue(text, top=3)
    assert (found.text, found.hidden) == (text, "")
    filled, continued = await core.unmask(text, top=3), await core.unmask(text, model="bundled/gpt-mini", top=3)
    assert (found.filled.masks, found.continued.masks) == (filled.masks, continued.masks)
    assert core.models.kind(found.filled.source.model) == "encoder"
    columns = found.columns()
    assert columns["way"] == ["fills"] * 3 + ["goes on"] * 3
    view = show(found)
    assert isinstance(view, FillOrContinueView) and len(view.table().rows) == 6


async def test_the_last_word_is_hidden_where_no_gap_is_given(core: Core) -> None:
    found = await core.fill_or_continue("Paris is the capital of France.")
    assert (found.text, found.hidden) == ("Paris is the capital of ___.", "France")


@pytest.mark.parametrize("text", ["Hello", "___ is the capital of France.", "a ___ and ___", "🎉 🎉"])
async def test_a_place_that_one_of_them_cannot_answer_is_refused(core: Core, text: str) -> None:
    with pytest.raises(BadInput):
        await core.fill_or_continue(text)


@pytest.mark.parametrize(
    "text", ["@everyone **bold** <b> ___ \u202egnp.exe", "the cat " * 16 + "sat", "w" * 30 + " ___"]
)
async def test_any_text_about_a_gap_is_drawn(core: Core, text: str) -> None:
    drawing = show(await core.fill_or_continue(text)).draw()
    assert drawing.height < 1600 and "\u202e" not in drawing.alt
