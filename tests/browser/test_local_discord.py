"""The page, the local Discord and a discord.py bot together."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from bot.playground import LocalDiscord
from tests.wire.protocol.sample_bot import SampleBot

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from .page import Page


class Served:
    """A local Discord with the sample bot logged in, in a thread of its own because Selenium blocks the test's."""

    def __init__(self) -> None:
        self._urls: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self.url = self._urls.get(timeout=60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(30)

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with LocalDiscord.open() as local, SampleBot() as bot:
            with local.in_use():
                running = asyncio.create_task(bot.start(local.token))
                await local.online()
                self._urls.put(local.url)
                await self._stopping.wait()
                await bot.close()
                await running


@pytest.fixture(scope="module")
def local() -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


@pytest.fixture
def live(driver: Chrome, local: Served) -> Iterator[Page]:
    from .page import Page

    page = Page(driver, local.url)
    page.open()
    yield page
    complaints = page.complaints()
    page.forget()
    assert complaints == []


def last(page: Page) -> str:
    return page.all("article")[-1].text


def test_a_command_its_picture_and_its_controls(live: Page) -> None:
    live.type("/draw text:a cat")
    live.press("Enter")
    live.until(lambda: "done a cat" in last(live) and len(live.all("article:last-child img")) == 2)
    image = live.find("article:last-child img")
    assert image.accessible_name == "alt text"
    live.until(lambda: image.get_property("naturalWidth") == 60)
    live.named("Again").click()
    live.until(lambda: "edited by the button" in last(live))
    live.find("article:last-child [data-control=layer]").send_keys("\ue015")
    live.press("Arrow_Down", "Enter")
    live.until(lambda: "layer 1" in last(live) and "Only you can see this" in last(live))


def test_a_card(live: Page) -> None:
    live.type("/card ")
    live.press("Enter")
    live.until(lambda: "Heat map" in last(live) and live.all("article:last-child .container img"))
    assert live.named("Paper", "article:last-child").get_attribute("href") == "https://arxiv.org/abs/1706.03762"


def test_options_suggestions_and_a_private_answer(live: Page) -> None:
    live.type("/options text:hello count:7 share:0.25 loud:Tr")
    live.press("Enter")
    live.find("#option-text").click()
    live.press("End")
    live.type(" layer:1")
    live.until(lambda: live.options() == ["layer 1"])
    live.press("Arrow_Down", "Enter", "Enter")
    live.until(lambda: "('hello', 7, 0.25, True, 's', None, '1')" in last(live))
    assert "Only you can see this" in last(live)


def test_a_form_and_a_message_menu(live: Page) -> None:
    live.type("/form ")
    live.press("Enter")
    live.named("Words", "dialog").send_keys("well")
    live.named("dry", "dialog").click()
    live.named("Submit", "dialog").click()
    live.until(lambda: "well (dry)" in last(live))

    live.find("#entry").click()
    live.type("The cat sat")
    live.press("Arrow_Up", "Enter")
    live.until(lambda: "The cat sat" in last(live))
    live.run("arguments[0].focus()", live.all("article:last-child .apps")[0])
    live.press("Enter")
    live.named("Repeat").click()
    live.until(lambda: "Alice said: The cat sat" in last(live))


def test_each_person_sees_their_own_private_answers(live: Page) -> None:
    live.type("/options secret")
    live.press("Enter")
    live.until(lambda: "('secret'" in last(live))
    live.act_as("Bob")
    live.until(lambda: "('secret'" not in live.find("#thread").text)
    live.act_as("Alice")
    live.until(lambda: "('secret'" in live.find("#thread").text)


def test_what_the_bot_leaves_unanswered_is_said(live: Page) -> None:
    live.type("/slow wait")
    live.press("Enter")
    assert live.find(".note .failure").text == "The application did not respond"
