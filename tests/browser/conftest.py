"""A real browser for the page, and a stand-in for the server behind it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .standin import StandIn

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from .page import Page

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
    "--lang=en-GB",
]


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Headless Chromium; one for all tests, because starting it takes seconds."""
    pytest.importorskip("selenium", reason="the page is tested with selenium")
    from selenium import webdriver

    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("the page is tested in Chromium: install chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def standin() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.stop()


@pytest.fixture
def server(standin: StandIn) -> StandIn:
    """Give the stand-in as a test finds it: no messages, the sample commands, nothing received."""
    standin.reset()
    return standin


@pytest.fixture
def page(driver: Chrome, server: StandIn) -> Iterator[Page]:
    """Give a page not opened yet; whatever it complains about in the console fails the test."""
    from .page import Page

    page = Page(driver, server.url)
    yield page
    complaints = page.complaints()
    page.forget()
    assert complaints == []
