"""Pictures of results: each view is a pure function of a result and of how to look at it.

Every view has ``draw()``, which gives a PNG with an alternative text, and ``table()``, which gives its numbers; those
with ``finding()`` say in a sentence what there is to see, for the picture's title and for a card. A notebook shows a
view, and ``save`` writes it to a file, sharp at any size as ``.svg``. Views take layers and heads from 0, as arrays do;
`core.show` makes them of numbers from 1, as pictures tell them.

Nothing here loads torch, and nothing here knows Discord. The same view always gives the same pixels.
"""

from core.render.ablation import AblationGrid
from core.render.arcs import ArcsView
from core.render.attribution import AttributionBars
from core.render.comparison import ComparisonView
from core.render.film import LayerFilm
from core.render.head_map import HeadMap
from core.render.heads import HeadView, RolloutView
from core.render.lab import EncodingsView, LabView, lab_view
from core.render.logit_lens import LogitLensBars
from core.render.norms import LensesView, NormView
from core.render.one_token import TokenView
from core.render.overview import OverviewGrid
from core.render.sentiment import SentimentBars
from core.render.sentiment_strips import SentimentStrips, WindowStrips
from core.render.token_strip import TokenStrip
from core.render.tour import TourView
from core.render.unmask import UnmaskBars
from core.render.variants import VariantBars
from core.render.weight import WeightView
from core.render.word_grid import WordGrid

__all__ = [
    "AblationGrid",
    "ArcsView",
    "AttributionBars",
    "ComparisonView",
    "EncodingsView",
    "HeadMap",
    "HeadView",
    "LabView",
    "LayerFilm",
    "LensesView",
    "LogitLensBars",
    "NormView",
    "OverviewGrid",
    "RolloutView",
    "SentimentBars",
    "SentimentStrips",
    "TokenStrip",
    "TokenView",
    "TourView",
    "UnmaskBars",
    "VariantBars",
    "WeightView",
    "WindowStrips",
    "WordGrid",
    "lab_view",
]
