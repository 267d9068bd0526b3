"""The page as a person uses it: keys, clicks and what is on screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

T = TypeVar("T")
MISSING = (NoSuchElementException, StaleElementReferenceException)
PATIENCE = 10  # seconds
BEYOND_KEYS = re.compile(r"([^\u0000-\uffff]+)")


class Page:
    def __init__(self, driver: WebDriver, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self) -> Page:
        """Open the page and wait until it knows its commands."""
        self.driver.get(self.url)
        self.until(lambda: self.all(".welcome"))
        return self

    def width(self, pixels: int, height: int = 800) -> None:
        """Give the page a viewport of this width (a headless window cannot be narrower than 500 pixels)."""
        metrics = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def touch(self, enabled: bool = True) -> None:
        """Give the page fingers instead of a mouse, or take them away."""
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": enabled})

    def prefer(self, scheme: str) -> None:
        """Let the system prefer ``dark`` or ``light``."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def forget(self) -> None:
        """Leave nothing of this test in the browser."""
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.touch(False)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.driver.execute_script("localStorage.clear(); sessionStorage.clear()")
        self.driver.get("about:blank")

    def complaints(self) -> list[str]:
        """Return the errors and warnings of the console since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]

    def until(self, condition: Callable[[], T]) -> T:
        return WebDriverWait(self.driver, PATIENCE, 0.05, MISSING).until(lambda _: condition())

    def find(self, css: str) -> WebElement:
        """Wait for the first element on screen that matches."""
        return self.until(lambda: next((element for element in self.all(css) if element.is_displayed()), None))

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def gone(self, css: str) -> None:
        self.until(lambda: not any(element.is_displayed() for element in self.all(css)))

    def click(self, css: str) -> None:
        self.find(css).click()

    def named(self, name: str, within: str = "body") -> WebElement:
        """Wait for the control on screen whose accessible name is this."""
        controls = f"{within} :is(button, a, input, select, textarea)"
        return self.until(
            lambda: next((e for e in self.all(controls) if e.is_displayed() and e.accessible_name == name), None)
        )

    def type(self, text: str) -> None:
        """Type into whatever has focus; a line break in the text is a real one, not Enter.

        What no key stands for, such as an emoji, comes as from the system's own picker: not every ChromeDriver takes it
        as a key (https://github.com/SeleniumHQ/selenium/issues/3257).
        """
        for part in BEYOND_KEYS.split(text):
            if BEYOND_KEYS.fullmatch(part):
                self.driver.execute_cdp_cmd("Input.insertText", {"text": part})
            elif part:
                keys = part.replace("\n", Keys.SHIFT + Keys.ENTER + Keys.NULL)
                self.driver.switch_to.active_element.send_keys(keys)

    def press(self, *keys: str, shift: bool = False) -> None:
        """Press keys by name ("Enter", "Arrow_Down") or character on whatever has focus."""
        chain = ActionChains(self.driver)
        if shift:
            chain.key_down(Keys.SHIFT)
        for key in keys:
            chain.send_keys(getattr(Keys, key.upper(), key))
        if shift:
            chain.key_up(Keys.SHIFT)
        chain.perform()

    @property
    def focused(self) -> str:
        """The accessible name of what has focus."""
        return self.driver.switch_to.active_element.accessible_name

    def focus_moves_to(self, name: str) -> None:
        self.until(lambda: self.focused == name)

    def act_as(self, name: str) -> None:
        Select(self.find("#act-as")).select_by_visible_text(name)

    def options(self) -> list[str]:
        """Return what the open list offers."""
        return [element.text for element in self.all("[role=option] .label") if element.is_displayed()]

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)
