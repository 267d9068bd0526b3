"""A look inside transformers, as a library: sentiment, masked words, tokens and attention, with pictures.

    async with Core.open(CoreSettings.bundled()) as core:
        result = await core.attention("The keys to the old house are on the table.")
        drawing = await core.draw(HeadView(result, layer=2, head=0))

Nothing here knows Discord, and importing this loads no torch.
"""

from core.facade import Core
from core.settings import CoreSettings

__all__ = ["Core", "CoreSettings"]
