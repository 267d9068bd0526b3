"""What a course asks: answers and their pictures, from the bundled models."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import Core, CoreSettings, show
from core.errors import BadInput, CoreClosed
from core.render import MovesView, PositionsView, SaturationView


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
    expected = torch.nn.functional.cosine_similarity(*(torch.from_numpy(found.vectors)[[3, 7]]), dim=0)
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
    with pytest.raises(BadInput, match="choose one from 1 to"):
        MovesView(found, len(found.source.tokens))


async def test_parts_of_an_encoder_and_a_decoder_are_not_followed(core: Core) -> None:
    with pytest.raises(BadInput, match="encoder with a decoder"):
        await core.moves("The cat sat.", model="bundled/reverser")
