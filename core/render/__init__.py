"""Pictures of results: each view is a pure function of a result and of how to look at it.

Every view has ``draw()``, which gives a PNG with an alternative text, and ``table()``, which gives its numbers; those
with ``finding()`` say in a sentence what there is to see, for the picture's title and for a card. A notebook shows a
view, and ``save`` writes it to a file, sharp at any size as ``.svg``. Layers and heads are counted from 1, as in
commands and in pictures; a token is told by its index in ``tokens``, as arrays count.

Nothing here loads torch, and nothing here knows Discord. The same view always gives the same pixels.
"""

from core.render.attention.arcs import ArcsView
from core.render.attention.film import LayerFilm
from core.render.attention.four_heads import FourHeads
from core.render.attention.head_map import HeadMap
from core.render.attention.heads import HeadView, RolloutView
from core.render.attention.norms import LensesView, NormView
from core.render.attention.one_token import TokenView
from core.render.attention.overview import OverviewGrid
from core.render.attention.tour import TourView
from core.render.attention.weight import WeightView
from core.render.attention.word_grid import WordGrid
from core.render.comparison import ComparisonView
from core.render.explaining.ablation import AblationGrid
from core.render.explaining.attribution import AttributionBars
from core.render.explaining.lens_grid import LensGrid
from core.render.explaining.logit_lens import LogitLensBars
from core.render.explaining.patching import PatchingGrid
from core.render.explaining.surprisal import SurprisalStrip
from core.render.explaining.variants import VariantBars
from core.render.lab import EncodingsView, LabView, lab_view
from core.render.lessons.bottleneck import BottleneckView
from core.render.lessons.fill_or_continue import FillOrContinueView
from core.render.lessons.moves import MovesView
from core.render.lessons.positions import PositionsView
from core.render.lessons.saturation import SaturationView
from core.render.sentiment import SentimentBars
from core.render.sentiment_strips import SentimentStrips, WindowStrips
from core.render.token_strip import TokenStrip
from core.render.two_models.difference import TwoHeadsDifference
from core.render.two_models.fillings import TwoUnmaskBars
from core.render.two_models.heads import TwoHeads
from core.render.two_models.labels import TwoSentimentBars
from core.render.unmask import UnmaskBars
from core.render.writing import WritingView

__all__ = [
    "AblationGrid",
    "ArcsView",
    "AttributionBars",
    "BottleneckView",
    "ComparisonView",
    "EncodingsView",
    "FillOrContinueView",
    "FourHeads",
    "HeadMap",
    "HeadView",
    "LabView",
    "LayerFilm",
    "LensGrid",
    "LensesView",
    "LogitLensBars",
    "MovesView",
    "NormView",
    "OverviewGrid",
    "PatchingGrid",
    "PositionsView",
    "RolloutView",
    "SaturationView",
    "SentimentBars",
    "SentimentStrips",
    "SurprisalStrip",
    "TokenStrip",
    "TokenView",
    "TourView",
    "TwoHeads",
    "TwoHeadsDifference",
    "TwoSentimentBars",
    "TwoUnmaskBars",
    "UnmaskBars",
    "VariantBars",
    "WeightView",
    "WindowStrips",
    "WordGrid",
    "WritingView",
    "lab_view",
]
