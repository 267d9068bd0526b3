"""Numbers to take away."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lab import parse_exercise
from core.render import HeadView, LabView, LensesView, NormView, TourView
from core.render.kit.wording import labels as naming
from core.results import AttentionMap, Token, WorkedExercise
from core.takeaway.export import export
from core.takeaway.spreadsheet import FORMULA, spreadsheet
from core.tasks.lab import LabTask
from tests.core.render.golden import samples

MAP = samples.with_norms(samples.attention(samples.PIECES))
LOOK = {"layer": 2, "head": 3, "view": "head", "shown": "all"}


@pytest.mark.parametrize("name", ["why-word", "why", "surprisal"])
def test_what_explains_an_answer_is_taken_away_with_the_question(name: str) -> None:
    view: Any = samples.PICTURES[name]()
    result = view.result
    made = export(result, view, {"mask": 2} if name == "why-word" else {})
    way = name.replace("-", "_")
    assert {*made} == {f"{way}.{kind}" for kind in ("csv", "npz", "html", "svg")}
    arrays = np.load(io.BytesIO(made[f"{way}.npz"]))
    recipe = json.loads(str(arrays["recipe"]))
    assert recipe["command"] == way and recipe["text"] == result.source.text
    assert recipe["model"] == result.source.model.name and recipe.get("mask", 1) == getattr(result, "mask", 1)
    measured = "bits" if name == "surprisal" else "gradients"
    assert arrays[measured].tolist() == result.columns()[measured]
    assert len(rows_of(made[f"{way}.csv"])) == 1 + len(view.table().rows)


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def work(**options: Any) -> WorkedExercise:
    (worked,) = LabTask("", "cpu").run([parse_exercise(**options)])
    return worked


class Page(HTMLParser):
    """What a browser finds on a page: tags, and the text in them."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.tags[-1][0] if self.tags else "", []).append(data)


def test_the_table_has_every_weight_of_the_picture():
    rows = rows_of(export(MAP, HeadView(MAP, 2, 3), LOOK)["attention.csv"])
    assert rows[0][0] == "from" and len(rows) == 1 + len(samples.PIECES.tokens)
    found = np.array([row[1:] for row in rows[1:]], float)
    np.testing.assert_allclose(found, MAP.weights[1, 2].astype(float), atol=1e-6)
    (header, *bare) = rows_of(export(MAP, NormView(MAP, 2, 3, shown="bare"), LOOK)["attention.csv"])
    assert "unbelievably" in header and "[CLS]" not in header and len(bare) == len(header) - 1
    assert rows_of(export(MAP, TourView(MAP), LOOK)["attention.csv"])[0][0] == "layer.head"


def test_the_arrays_are_all_there_and_need_no_pickle():
    stored = np.load(io.BytesIO(export(MAP, HeadView(MAP, 2, 3), LOOK)["attention.npz"]), allow_pickle=False)
    assert (stored["weights"] == MAP.weights).all()
    assert stored["tokens"].tolist() == [token.piece for token in samples.PIECES.tokens]
    assert stored["layer_norms"].shape == (4, 13, 13) or stored["layer_norms"].shape[0] == 4
    made = json.loads(str(stored["recipe"]))
    assert (made["model"], made["revision"]) == (samples.MODEL.name, samples.MODEL.revision)
    assert made | LOOK == made and {"torch", "transformers", "python"} <= made["versions"].keys()


def test_the_page_needs_nothing_else_and_holds_the_picture():
    view = LensesView(MAP, 2, 3)
    page = export(MAP, view, LOOK)["attention.html"]
    assert not re.search(rb"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    found = Page(page)
    (picture,) = [attributes for tag, attributes in found.tags if tag == "img"]
    assert base64.b64decode(picture["src"].partition(",")[2]) == view.draw().png
    assert picture["alt"] == view.draw().alt
    data = json.loads("".join(text for text in found.texts["script"] if text.startswith("{")))
    assert data["layers"] == [1, 2, 3, 4] and data["chosen"] == [1, 2]
    weights = np.frombuffer(base64.b64decode(data["weights"]), "<f2").reshape(MAP.weights.shape)
    assert (weights == MAP.weights).all()
    recipe = json.loads("".join(found.texts["pre"]))
    assert recipe["text"] == samples.PIECES.text


def test_the_page_knows_which_tokens_are_a_word():
    page = export(MAP, HeadView(MAP, 2, 3), {**LOOK, "token": 6})["attention.html"]
    data = json.loads("".join(text for text in Page(page).texts["script"] if text.startswith("{")))
    words, tokens = (data["units"][unit]["from"] for unit in ("words", "tokens"))
    assert [one["places"] for one in tokens] == [[n] for n in range(11)] and data["size"] == [11, 11]
    assert {"name": "unbelievably", "places": [4, 5, 6], "special": False} in words
    assert [one["name"] for one in words if one["special"]] == ["[CLS]", "[SEP]"]
    assert (data["token"], data["signed"]) == (5, False)


def test_of_a_large_map_the_page_holds_one_layer():
    source = samples.first(samples.LONG, 120)
    large = AttentionMap(source, np.tile(np.eye(120, dtype=np.float16), (24, 16, 1, 1)))
    page = export(large, HeadView(large, 6, 3), {**LOOK, "layer": 6})["attention.html"]
    assert len(page) < 8_000_000
    data = json.loads("".join(text for text in Page(page).texts["script"] if text.startswith("{")))
    assert data["layers"] == [6] and data["chosen"] == [0, 2]


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{data}}&amp;"


def test_what_people_write_stays_text_on_the_page():
    token = Token(5, HOSTILE, 0, len(HOSTILE))
    source = replace(samples.PIECES, text=HOSTILE, tokens=(token, token))
    attention = AttentionMap(source, np.full((1, 1, 2, 2), 0.5, np.float16))
    found = Page(export(attention, HeadView(attention, 1, 1), {"layer": 1, "head": 1})["attention.html"])
    assert [tag for tag, _ in found.tags].count("script") == 2
    assert [tag for tag, _ in found.tags].count("img") == 1
    assert HOSTILE in "".join(found.texts["p"])
    assert json.loads("".join(found.texts["pre"]))["text"] == HOSTILE
    units = json.loads("".join(text for text in found.texts["script"] if text.startswith("{")))["units"]
    assert [one["name"] for one in units["tokens"]["to"]] == [label.numbered for label in naming.labels(source)]


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4))
def test_no_cell_is_a_formula_and_none_is_lost(cells):
    cells = [cell.replace("\r", "\n") for cell in cells if "\0" not in cell] or ["x"]
    (header, row) = rows_of(spreadsheet(cells, [cells]))
    for cell, stored in zip(cells, row, strict=True):
        assert stored in (cell, f"'{cell}")
        assert not stored.startswith(FORMULA) or float(stored) is not None
    assert header == row


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "-"])
def test_formulas_are_defused_and_numbers_are_not(cell):
    assert rows_of(spreadsheet(["-0.5", "a"], [[cell, "-1e-3"]])) == [["-0.5", "a"], [f"'{cell}", "-1e-3"]]


@pytest.mark.parametrize(
    "options", [{}, {"seed": 7, "shape": "2 5", "mask": "causal"}, {"query": "1 -2.5; 0 3", "mask": "0 1; 0 0"}]
)
def test_an_exercise_is_worked_out_again_from_its_recipe(options):
    worked = work(**options)
    files = export(worked, LabView(worked), {})
    assert set(files) == {"lab.csv", "lab.npz", "lab.html", "lab.svg"}
    stored = np.load(io.BytesIO(files["lab.npz"]), allow_pickle=False)
    assert (stored["weights"] == worked.weights).all()
    made = json.loads(str(stored["recipe"]))
    again = work(**{name: made[name] for name in ("query", "key", "value", "shape", "seed", "mask") if name in made})
    assert (again.output == worked.output).all()
    assert "script" in Page(files["lab.html"]).texts
