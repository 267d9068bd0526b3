"""The page that people take away, opened from the disk in a real browser, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.maps.selection import select_tokens
from core.render import HeadView, NormView
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, ModelInfo, Norms, Token, Tokenization
from core.takeaway.export import export
from tests.core.render.golden import samples

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


def open_page(driver: Chrome, folder: Path, of: AttentionMap, view: HeadView | NormView, **recipe: int) -> None:
    page = folder / "attention.html"
    page.write_bytes(export(of, view, {"layer": 2, "head": 1} | recipe)["attention.html"])
    driver.get(page.as_uri())


def test_every_weight_can_be_reached_by_keyboard_and_nothing_is_fetched(driver: Chrome, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.select import Select

    open_page(driver, tmp_path, MAP, NormView(MAP, 2, 1))
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
    assert driver.find_elements(By.CSS_SELECTOR, "#explore b") == []


def test_differences_of_a_rectangle_keep_their_signs(driver: Chrome, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By

    weights = np.array([[[[0.5, -0.25, -0.25], [-1, 0.75, 0.25]]]], np.float16)
    changed = AttentionMap(SOURCE, weights, rows=replace(SOURCE, tokens=SOURCE.tokens[:2]), signed=True)
    open_page(driver, tmp_path, changed, HeadView(changed, 1, 1), layer=1, token=2)
    rows = [row.find_elements(By.CSS_SELECTOR, "td") for row in driver.find_elements(By.CSS_SELECTOR, "#grid tbody tr")]
    assert [[float(cell.text) for cell in row] for row in rows] == weights[0, 0].tolist()
    more, less = (rows[0][column].value_of_css_property("background-color") for column in (0, 1))
    assert more.split(",")[:3] != less.split(",")[:3]
    lines = driver.find_elements(By.CSS_SELECTOR, "#arcs path")
    assert [line.get_attribute("class") for line in lines[:3]] == ["more", "plain", "plain"]
    assert (
        driver.find_element(By.ID, "said").text
        == "<b>two</b> looks more or less at one -100%, <b>two</b> +75%, three +25%"
    )


SHOWN = samples.attention(samples.PIECES, 2, 2)


@pytest.fixture
def explored(driver: Chrome, tmp_path: Path) -> Iterator[Chrome]:
    """The page of a sentence with a word of three pieces, as a phone shows it."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    open_page(driver, tmp_path, SHOWN, HeadView(SHOWN, 2, 1), token=6)
    yield driver
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def words(driver: Chrome, side: str) -> list[tuple[str, str]]:
    """The words of a column, each with the share beside it."""
    found: list[list[str]] = driver.execute_script(
        "return [...document.getElementById(arguments[0]).children]"
        ".map(word => [...word.children].map(part => part.textContent))",
        side,
    )
    return [(name, share) for name, share in found]


def thick(driver: Chrome) -> dict[tuple[int, int], float]:
    """How thick the lines that stand out are, by their ends."""
    found: list[list[float]] = driver.execute_script(
        "return [...document.querySelectorAll('#arcs path.own')].map("
        "path => [Number(path.dataset.from), Number(path.dataset.to), parseFloat(path.style.strokeWidth)])"
    )
    return {(int(start), int(end)): thickness for start, end, thickness in found}


def test_a_word_shows_its_lines(explored: Chrome) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    shown = select_tokens(SHOWN.source, SHOWN.weights[1, 0], "words")
    part, names = shown.weights, [label.numbered for label in labels(shown.rows)]
    assert [name for name, _ in words(explored, "from")] == [name for name, _ in words(explored, "to")] == names

    def looks(row: int) -> None:
        expected = {(row, column): weight for column, weight in enumerate(part[row].tolist()) if weight >= 0.01}
        assert thick(explored) == {ends: pytest.approx(22 * weight, abs=0.02) for ends, weight in expected.items()}
        assert words(explored, "to") == [
            (name, f"{100 * weight:.0f}%" if weight >= 0.01 else "")
            for name, weight in zip(names, part[row], strict=True)
        ]

    chosen = names.index("unbelievably")
    looks(chosen)  # the word of the token that the recipe names
    columns = {side: explored.find_elements(By.CSS_SELECTOR, f"#{side} .word") for side in ("from", "to")}
    ActionChains(explored).move_to_element(columns["from"][1]).perform()
    looks(1)
    ActionChains(explored).move_to_element(explored.find_element(By.TAG_NAME, "h1")).perform()
    looks(chosen)  # pointing is passing
    columns["to"][2].click()
    assert set(thick(explored)) == {(row, 2) for row in np.flatnonzero(part[:, 2] >= 0.01).tolist()}
    assert [share for _, share in words(explored, "to")] == [""] * len(names)
    assert explored.find_element(By.ID, "said").text.startswith(f"{names[2]} is looked at by ")
    explored.switch_to.active_element.send_keys(Keys.ARROW_DOWN, Keys.ARROW_LEFT)
    looks(3)
    best = int(part[3].argmax())
    assert explored.find_element(By.ID, "said").text.startswith(f"{names[3]} looks at {names[best]} ")
    pressed = explored.find_elements(By.CSS_SELECTOR, "#arcs [aria-pressed=true]")
    assert pressed == [explored.switch_to.active_element] == [columns["from"][3]]
    assert len(explored.find_elements(By.CSS_SELECTOR, "#arcs [tabindex='0']")) == 2  # one in each column


def test_a_word_can_be_taken_apart(explored: Chrome) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select

    Select(explored.find_element(By.ID, "unit")).select_by_value("tokens")
    assert [name for name, _ in words(explored, "to")] == [label.numbered for label in labels(SHOWN.source)]
    assert set(thick(explored)) == {(4, column) for column in np.flatnonzero(SHOWN.weights[1, 0, 4] >= 0.01).tolist()}
    Select(explored.find_element(By.ID, "unit")).select_by_value("words")
    assert explored.find_element(By.CSS_SELECTOR, "#arcs [aria-pressed=true]").text.startswith("unbelievably")


def test_on_a_phone_nothing_is_cut_off_and_cells_are_of_one_size(explored: Chrome) -> None:
    sizes = explored.execute_script(
        "return [...document.querySelectorAll('#grid td')].map(cell => [cell.offsetWidth, cell.offsetHeight].join())"
    )
    assert len(sizes) == 64 and len(set(sizes)) == 1
    assert explored.execute_script("return document.documentElement.scrollWidth") == 400
    inside = explored.execute_script(
        "return [...document.querySelectorAll('.word bdi')].every(name => name.scrollWidth <= name.clientWidth)"
    )
    assert inside
    least = explored.execute_script(
        "const sizes = [...document.body.querySelectorAll('*')].map(one => parseFloat(getComputedStyle(one).fontSize));"
        "return Math.min(...sizes)"
    )
    assert least >= 13


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_that_of_the_system_until_one_is_chosen(explored: Chrome, system: str) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select

    axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core is not installed").Axe()
    explored.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": system}]}
    )

    def look() -> tuple[str, str]:
        return (
            explored.execute_script("return getComputedStyle(document.querySelector('#arcs path.own.plain')).stroke"),
            explored.execute_script("return getComputedStyle(document.documentElement).colorScheme"),
        )

    def found() -> list[str]:
        rules = axe.run(explored)["violations"]
        return [f"{rule['id']}: {node['failureSummary']}" for rule in rules for node in rule["nodes"]]

    before = look()
    assert found() == []
    other = "dark" if system == "light" else "light"
    Select(explored.find_element(By.ID, "theme")).select_by_visible_text(other)
    assert look()[0] != before[0] and look()[1] == other
    assert found() == []
    Select(explored.find_element(By.ID, "theme")).select_by_visible_text("as the system")
    assert look() == before
