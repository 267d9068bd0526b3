"""Pictures of results: each view is a pure function of a result and of how to look at it.

Every view has ``draw()``, which gives a PNG with an alternative text, and ``table()``, which gives its numbers. Nothing
here loads torch, and nothing here knows Discord. The same view always gives the same pixels.
"""

from core.render.answers import SentimentBars, UnmaskBars
from core.render.comparison import ComparisonView
from core.render.focus import TokenView
from core.render.headmap import HeadMap
from core.render.heads import HeadView, RolloutView
from core.render.layers import LayerBars
from core.render.normed import LensesView, NormView
from core.render.overview import OverviewGrid
from core.render.several import SeveralStrips, WindowStrips
from core.render.strip import TokenStrip
from core.render.sweep import LayerSweep
from core.render.tourview import TourView
from core.render.variants import VariantBars
from core.render.why import WhyBars
from core.render.worked import WorkedView

__all__ = [
    "ComparisonView",
    "HeadMap",
    "HeadView",
    "LayerBars",
    "LayerSweep",
    "LensesView",
    "NormView",
    "OverviewGrid",
    "RolloutView",
    "SentimentBars",
    "SeveralStrips",
    "TokenStrip",
    "TokenView",
    "TourView",
    "UnmaskBars",
    "VariantBars",
    "WhyBars",
    "WindowStrips",
    "WorkedView",
]
