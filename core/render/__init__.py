"""Pictures of results: each view is a pure function of a result and of how to look at it.

Every view has ``draw()``, which gives a PNG with an alternative text, and ``table()``, which gives its numbers. Nothing
here loads torch, and nothing here knows Discord. The same view always gives the same pixels.
"""

from core.render.answers import SentimentBars, UnmaskBars
from core.render.heads import HeadView
from core.render.strip import TokenStrip

__all__ = ["HeadView", "SentimentBars", "TokenStrip", "UnmaskBars"]
