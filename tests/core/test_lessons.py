"""What a course asks: answers and their pictures, from the bundled models."""

from __future__ import annotations

import pytest

from core import Core, CoreSettings, show
from core.errors import BadInput, CoreClosed
from core.render import SaturationView


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
