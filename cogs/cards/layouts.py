"""What the card of each kind of result shows: one entry of `LAYOUTS` for each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cogs.cards.attention_views import picture_of
from cogs.cards.controls.ablation import ablation_rows
from cogs.cards.controls.attention import attention_rows, row_rows
from cogs.cards.controls.explanation import explanation_rows
from cogs.cards.controls.lens import followed, lens_rows
from cogs.cards.controls.writing import writing_rows
from cogs.cards.layout import Layout
from cogs.cards.notes import (
    attention_headline,
    batch_note,
    fertility_note,
    fillings_note,
    generated_note,
    normalisation_note,
    round_trip_note,
    windows_note,
    written_note,
)
from cogs.cards.two_models import (
    fillings_notes,
    fillings_of,
    maps_headline,
    maps_of_both,
    sentiments_of,
    two_headline,
    two_map_rows,
    two_rows,
    windows_notes,
)
from cogs.cards.view_state import NO_TOKEN
from core.render import (
    AblationGrid,
    AttributionBars,
    ComparisonView,
    LensGrid,
    LogitLensBars,
    PatchingGrid,
    SentimentBars,
    SentimentStrips,
    SurprisalStrip,
    TokenStrip,
    UnmaskBars,
    VariantBars,
    WeightView,
    WindowStrips,
    WritingView,
    lab_view,
)
from core.results import (
    Ablation,
    AttentionMap,
    AttentionRow,
    DecodedText,
    Explanation,
    LayerPredictions,
    LensMap,
    Patching,
    Result,
    Sentiment,
    SentimentBatch,
    Surprisal,
    Tokenization,
    TokenizerComparison,
    TwoFillings,
    TwoMaps,
    TwoSentiments,
    Unmasked,
    Variants,
    WorkedExercise,
    Written,
)

WITHOUT_HEADS = "Without each head"
"""What asks what each part of a model does for its answer."""

HOW_SURPRISED = ("lens", "surprisal", "How surprised?")
DOWNLOAD = ("take", "", "Download")
IDS_AND_FILES = ("listing", "", "Ids and files")

LAYOUTS: dict[type[Any], Layout] = {
    Sentiment: Layout(
        "sentiment",
        view=lambda result, _: SentimentBars(result),
        actions=(("lens", "why", "Why?"), ("lens", "ablate_label", WITHOUT_HEADS), ("whatif", "", "What if?")),
    ),
    SentimentBatch: Layout(
        "several",
        view=lambda result, _: SentimentStrips(result),
        notes=batch_note,
        one_text=False,
    ),
    Variants: Layout(
        "variants",
        view=lambda result, _: VariantBars(result),
        one_text=False,
    ),
    Explanation: Layout(
        "why",
        view=lambda result, _: AttributionBars(result),
        rows=explanation_rows,
        actions=(DOWNLOAD,),
    ),
    Unmasked: Layout(
        "unmask",
        view=lambda result, _: UnmaskBars(result),
        notes=fillings_note,
        actions=(
            ("lens", "why_word", "Why?"),
            ("lens", "layers", "Layer by layer"),
            ("lens", "lens", "Every word, layer by layer"),
            ("lens", "ablate_word", WITHOUT_HEADS),
            HOW_SURPRISED,
        ),
    ),
    Surprisal: Layout(
        "surprisal",
        view=lambda result, _: SurprisalStrip(result),
        actions=(DOWNLOAD,),
    ),
    LayerPredictions: Layout(
        "layers",
        view=lambda result, _: LogitLensBars(result),
        actions=(("lens", "lens", "Every word, layer by layer"),),
    ),
    LensMap: Layout(
        "lens",
        view=lambda result, state: LensGrid(result, followed(state)),
        rows=lens_rows,
        actions=(DOWNLOAD,),
    ),
    Ablation: Layout(
        "ablate_word",
        view=lambda result, state: AblationGrid(result, state.off),
        rows=ablation_rows,
        actions=(("lens", "ablate_word-mean", "Mean instead of zero"),),
    ),
    Patching: Layout(
        "patch",
        view=lambda result, _: PatchingGrid(result),
        actions=(DOWNLOAD, ("swap", "", "The other way round")),
        one_text=False,
    ),
    Written: Layout(
        "write",
        view=lambda result, _: WritingView(result),
        notes=written_note,
        rows=writing_rows,
        actions=(DOWNLOAD,),
    ),
    Tokenization: Layout(
        "tokens",
        view=lambda result, _: TokenStrip(result),
        notes=normalisation_note,
        actions=(IDS_AND_FILES, HOW_SURPRISED),
    ),
    TokenizerComparison: Layout(
        "compare",
        view=lambda result, _: ComparisonView(result),
        notes=fertility_note,
        actions=(IDS_AND_FILES,),
        one_text=False,
    ),
    DecodedText: Layout(
        "decode",
        view=lambda result, _: TokenStrip(result.source),
        notes=round_trip_note,
        actions=(IDS_AND_FILES,),
    ),
    AttentionMap: Layout(
        "attention",
        view=picture_of,
        first_line=attention_headline,
        notes=generated_note,
        rows=attention_rows,
        actions=(DOWNLOAD, ("matters", "", "Does it matter?")),
    ),
    AttentionRow: Layout(
        "attention_row",
        view=lambda result, state: WeightView(result, None if state.token == NO_TOKEN else state.token),
        rows=row_rows,
        actions=(DOWNLOAD,),
    ),
    WorkedExercise: Layout(
        "lab",
        view=lambda result, _: lab_view(result),
        actions=(DOWNLOAD,),
        one_text=False,
    ),
    TwoSentiments: Layout("sentiment_with", sentiments_of, two_headline, windows_notes, two_rows, (DOWNLOAD,)),
    TwoFillings: Layout("unmask_with", fillings_of, two_headline, fillings_notes, two_rows, (DOWNLOAD,)),
    TwoMaps: Layout(
        "attention_with",
        view=maps_of_both,
        first_line=maps_headline,
        rows=two_map_rows,
        actions=(DOWNLOAD,),
    ),
}

IN_WINDOWS = replace(
    LAYOUTS[Sentiment],
    view=lambda result, _: WindowStrips(result),
    notes=windows_note,
    actions=(("whatif", "", "What if?"),),  # a text that does not fit at once cannot be explained at once
)
ABLATIONS = {
    (command, mean): replace(
        LAYOUTS[Ablation], command=command, actions=(("lens", f"{command}-{other}", label), DOWNLOAD)
    )
    for command in ("ablate_word", "ablate_label")
    for mean, other, label in ((False, "mean", "Mean instead of zero"), (True, "zero", "Zero instead of mean"))
}
"""By what is asked for, and whether the mean of a part stands in for it."""

WHY_WORD = replace(LAYOUTS[Explanation], command="why_word")
WHAT_IF = replace(LAYOUTS[Variants], command="whatif")


def layout_of(result: Result) -> Layout:
    """The layout of a result."""
    if isinstance(result, Variants) and not result.template:
        return WHAT_IF
    if isinstance(result, Ablation):
        return ABLATIONS["ablate_label" if result.labels else "ablate_word", result.mean]
    if isinstance(result, Explanation) and not result.labels:
        return WHY_WORD
    if isinstance(result, Sentiment) and result.windows:
        return IN_WINDOWS
    return LAYOUTS[type(result)]


def source_of(result: Result) -> Tokenization | None:
    """The text that a result is about; none for an exercise."""
    if isinstance(result, WorkedExercise):
        return None
    return result if isinstance(result, Tokenization) else result.source
