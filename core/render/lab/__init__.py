"""Attention worked out step by step over small matrices, with every number."""

from core.render.kit.drawing.palette import Theme
from core.render.lab.encodings import EncodingsView
from core.render.lab.picture import LabView
from core.results import WorkedExercise

__all__ = ["EncodingsView", "LabView", "lab_view"]


def lab_view(worked: WorkedExercise, theme: Theme = "dark") -> LabView | EncodingsView:
    """The picture of an exercise: what it asks to show."""
    return (LabView if worked.step("encodings") is None else EncodingsView)(worked, theme)
