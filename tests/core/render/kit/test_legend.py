"""What colours mean stands inside the picture, however long it is."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from core.render.kit.drawing.canvas import Canvas
from core.render.kit.frame import MARGIN, WIDTH
from core.render.kit.legend import LEGEND, draw_legend, plan_legend

GREEN = (0, 128, 0)
TEXTS = st.lists(st.text(st.sampled_from("aW 🎉你"), min_size=1, max_size=200), max_size=12)


@example(["W" * 200, "next"], WIDTH)
@given(TEXTS, st.sampled_from([WIDTH, 2 * WIDTH]))
def test_it_stays_within_the_margins(texts: list[str], width: int) -> None:
    rows = plan_legend(((text, GREEN) for text in texts), width)
    assert sum(map(len, rows)) == len(texts) and all(rows)
    canvas = Canvas(width, 2 * LEGEND * len(rows) + 1, "dark")
    draw_legend(canvas, 0, rows, 16)
    picture = np.asarray(canvas.picture().convert("RGB"))
    assert (picture[:, width - MARGIN + 4 :] == canvas.colours.ground).all()
