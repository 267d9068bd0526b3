"""A look inside transformers, as a library: sentiment, masked words, tokens and attention, with pictures.

    async with Core.open(CoreSettings.bundled()) as core:
        result = await core.attention("The animal didn't cross the street because it was too tired.")
        drawing = await core.draw(HeadView(result, layer=3, head=1))

Nothing here knows Discord, and importing this loads no torch.
"""

from core.facade import Core
from core.settings import CoreSettings

__all__ = ["Core", "CoreSettings", "__version__"]

__version__ = "0.1.0"
