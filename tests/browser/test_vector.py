"""Vector pictures and pages in frames, in a real browser."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from core import interactive
from tests.core.render.golden import samples
from tests.core.render.test_golden import looks_like, opened

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

NAMES = (
    "arcs",
    "why",
    "causal-scripts",
    "overview",
    "strip",
    "strip-bytes",
    "worked-masked",
    "windows-light",
    "difference-light",
)
"""Every kind of mark: letters of many scripts, turned and framed, emoji, fields, pills, bars, hatching, curves."""


def seen(driver: Chrome, page: Path, width: int, height: int) -> Image.Image:
    """A page as it looks, in a window of that size."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(page.as_uri())
    try:
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {})["data"]
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    return Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")


@pytest.mark.parametrize("name", NAMES)
def test_a_vector_picture_looks_like_the_picture(driver: Chrome, tmp_path: Path, name: str) -> None:
    drawing = samples.PICTURES[name]().draw()
    other = samples.PICTURES["strip"]().draw()
    drawing.save(tmp_path / "x.svg")
    for number, page in enumerate(
        (
            '<img src="x.svg" style="display: block">',
            # as notebooks put them: one after the other, where what one defines is known to the next
            f"{drawing.as_svg().png.decode()}{other.as_svg().png.decode()}",
        )
    ):
        file = tmp_path / f"{number}.html"
        file.write_text(
            f'<!doctype html><meta charset="utf-8"><body style="margin: 0; overflow: hidden">{page}', encoding="utf-8"
        )
        shown = seen(driver, file, drawing.width, drawing.height)
        assert looks_like(shown.crop((0, 0, drawing.width, drawing.height)), opened(drawing.png)), name


def test_several_pages_in_one_notebook(driver: Chrome, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By

    pages = [interactive(np.full((layers, 2, 3, 3), 1 / 3), ["a", "<i>", "c"], layer=layers) for layers in (2, 3)]
    file = tmp_path / "notebook.html"
    file.write_text("".join(page._repr_html_() for page in pages), encoding="utf-8")
    driver.get(file.as_uri())
    for layers, frame in zip((2, 3), driver.find_elements(By.TAG_NAME, "iframe"), strict=True):
        driver.switch_to.frame(frame)
        assert len(driver.find_elements(By.CSS_SELECTOR, "#layer option")) == layers
        cells = [cell.text for cell in driver.find_elements(By.CSS_SELECTOR, "#grid td")]
        assert cells == ["0.33"] * 9
        driver.switch_to.default_content()
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
