"""The page that people take away, opened from the disk in a real browser, by keyboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.render import HeadView, NormView
from core.results import AttentionMap, ModelInfo, Norms, Token, Tokenization
from core.takeaway.export import export

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

WORDS = ("one", "<b>two</b>", "three")
SOURCE = Tokenization(
    " ".join(WORDS), ModelInfo("m"), tuple(Token(n, word, 0, 0, word=n) for n, word in enumerate(WORDS))
)
RAW = np.arange(1, 1 + 2 * 2 * 9, dtype=np.float32).reshape(2, 2, 3, 3)
MAP = AttentionMap(
    SOURCE,
    (RAW / RAW.sum(axis=-1, keepdims=True)).astype(np.float16),
    norms=Norms(np.ones((2, 2, 3), np.float32), np.ones((2, 3, 3), np.float32)),
)


def test_every_weight_can_be_reached_by_keyboard_and_nothing_is_fetched(driver: Chrome, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.select import Select

    page = tmp_path / "attention.html"
    page.write_bytes(export(MAP, NormView(MAP, 1, 0), {"layer": 2, "head": 1})["attention.html"])
    driver.get(page.as_uri())
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0

    def shown() -> list[list[float]]:
        rows = driver.find_elements(By.CSS_SELECTOR, "#grid tbody tr")
        return [[float(cell.text) for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]

    assert shown() == pytest.approx(MAP.weights[1, 0].astype(float), abs=0.006)
    Select(driver.find_element(By.ID, "head")).select_by_visible_text("mean")
    Select(driver.find_element(By.ID, "layer")).select_by_visible_text("1")
    assert shown() == pytest.approx(MAP.weights[0].astype(float).mean(axis=0), abs=0.006)

    first = driver.find_element(By.CSS_SELECTOR, "#grid td[tabindex='0']")
    first.send_keys(Keys.ARROW_DOWN)
    driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    weight = MAP.weights[0, :, 1, 1].astype(float).mean()
    assert driver.find_element(By.ID, "said").text == f"<b>two</b> looks at <b>two</b>: {weight:.4f}"
    assert driver.find_elements(By.CSS_SELECTOR, "table b") == []


def test_differences_of_a_rectangle_keep_their_signs(driver: Chrome, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By

    weights = np.array([[[[0.5, -0.25, -0.25], [-1, 0.75, 0.25]]]], np.float16)
    changed = AttentionMap(SOURCE, weights, rows=replace(SOURCE, tokens=SOURCE.tokens[:2]), signed=True)
    page = tmp_path / "attention.html"
    page.write_bytes(export(changed, HeadView(changed, 0, 0), {"layer": 1, "head": 1})["attention.html"])
    driver.get(page.as_uri())
    rows = [row.find_elements(By.CSS_SELECTOR, "td") for row in driver.find_elements(By.CSS_SELECTOR, "#grid tbody tr")]
    assert [[float(cell.text) for cell in row] for row in rows] == weights[0, 0].tolist()
    more, less = (rows[0][column].value_of_css_property("background-color") for column in (0, 1))
    assert more.split(",")[:3] != less.split(",")[:3]
