"""Where the history stands while messages come: what is new is read from its top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from . import samples

if TYPE_CHECKING:
    from .page import Page
    from .standin import StandIn

# How far the top of the last message is below the top of the view, and how high the view is, in pixels.
PLACE = """
const view = document.getElementById("log").getBoundingClientRect();
return [[...document.querySelectorAll("article")].at(-1).getBoundingClientRect().top - view.top, view.height];
"""
SCROLL = "document.getElementById('log').scrollTop += arguments[0]"
AT = "return document.getElementById('log').scrollTop"


def tall(**parts: Any) -> samples.Data:
    """An answer of several screens, with a control at its end."""
    lines = [samples.text("\n".join(f"{part} line {number}" for number in range(40))) for part in range(4)]
    return samples.card(*lines, samples.row(samples.button("Next", "next")), **parts)


def shows_the_top_of_the_newest(page: Page) -> bool:
    place, height = page.run(PLACE)
    return 0 <= place < height / 4


@pytest.mark.parametrize("width", [1280, 400])
def test_an_answer_comes_into_view_at_its_top(page: Page, server: StandIn, width: int) -> None:
    page.width(width)
    page.open()
    page.type("/tokens The cat")
    page.press("Enter")
    frame = server.next("command")
    waiting = samples.message(flags=samples.LOADING, command="tokens")
    server.send({"t": "message_create", "message": waiting})
    server.acknowledge(frame)
    page.find(".thinking")
    server.send({"t": "message_update", "message": {**tall(command="tokens"), "id": waiting["id"]}})
    page.find(".container, .markdown")
    page.until(lambda: shows_the_top_of_the_newest(page))
    assert not page.find("#log").get_property("hidden")
    page.gone("#jump")


def test_nothing_leads_on_while_the_newest_is_read(page: Page, server: StandIn) -> None:
    server.messages = [tall(), tall()]
    page.open()
    page.until(lambda: shows_the_top_of_the_newest(page))
    for by in (300, 700, -500, -480):
        page.run(SCROLL, by)
        page.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.gone("#jump")
    page.run("document.getElementById('log').scrollTop = 0")
    assert page.find("#jump").text == "Jump to the newest message"
    page.click("#jump")
    page.until(lambda: shows_the_top_of_the_newest(page))
    page.gone("#jump")


def test_who_reads_is_not_moved_but_told(page: Page, server: StandIn) -> None:
    server.messages = [tall()]
    page.open()
    page.until(lambda: shows_the_top_of_the_newest(page))
    before = page.run(AT)
    news = samples.message(content="news", user=samples.GRACE)
    server.send({"t": "message_create", "message": news})
    page.until(lambda: page.find("#jump").text == "New messages below")
    assert page.run(AT) == before
    page.click("#jump")
    page.gone("#jump")
    assert page.all("article")[-1].is_displayed()
    place, height = page.run(PLACE)
    assert 0 < place < height


def test_an_answer_to_who_has_looked_elsewhere_is_news(page: Page, server: StandIn) -> None:
    waiting = samples.message(flags=samples.LOADING)
    server.messages = [tall(), waiting]
    page.open()
    page.find(".thinking")
    page.run("document.getElementById('log').scrollTop = 100")
    page.until(lambda: page.find("#jump").text == "Jump to the newest message")
    server.send({"t": "message_update", "message": {**samples.message(content="done"), "id": waiting["id"]}})
    page.until(lambda: page.find("#jump").text == "New messages below")
    assert page.run(AT) == 100


def test_a_card_that_is_redrawn_stays_where_it_is(page: Page, server: StandIn) -> None:
    card = tall()
    server.messages = [card]
    page.open()
    page.until(lambda: shows_the_top_of_the_newest(page))
    page.click("[data-control=next]")
    server.acknowledge(server.next("component"))
    before = page.run(AT)
    assert before > 1000
    server.send({"t": "message_update", "message": {**tall(), "id": card["id"], "content": ""}})
    page.until(lambda: page.all("[data-control=next]")[0].get_attribute("aria-busy") is None)
    assert page.run(AT) == before
    page.gone("#jump")


def test_the_answer_to_a_press_comes_into_view_from_anywhere(page: Page, server: StandIn) -> None:
    pressed = {"id": "7002", "type": 3, "user": samples.ADA}
    server.messages = [samples.card(samples.row(samples.button("As text", "table"))), tall()]
    page.open()
    page.run("document.getElementById('log').scrollTop = 0")
    page.click("[data-control=table]")
    server.acknowledge(server.next("component"))
    theirs = {**pressed, "user": samples.GRACE}
    server.send({"t": "message_create", "message": samples.message(content="hers", interaction_metadata=theirs)})
    page.until(lambda: page.find("#jump").text == "New messages below")
    server.send({"t": "message_create", "message": samples.message(content="mine", interaction_metadata=pressed)})
    page.gone("#jump")
    place, height = page.run(PLACE)
    assert 0 < place < height
