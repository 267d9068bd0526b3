"""Buttons, selects, modals and the menu of a message: what the server is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import samples

if TYPE_CHECKING:
    from .page import Page
    from .standin import StandIn


def test_a_button_tells_the_server_and_waits(page: Page, server: StandIn) -> None:
    card = samples.answer_card(server.url)
    server.messages = [card]
    page.open()
    button = page.find("[data-control=next]")
    button.send_keys("\ue007")
    frame = server.next("component")
    sent = {key: frame[key] for key in ("message_id", "custom_id", "component_type")}
    assert sent == {"message_id": card["id"], "custom_id": "next", "component_type": 2}
    assert button.get_attribute("aria-busy") == "true"
    button.click()
    server.acknowledge(frame)
    page.until(lambda: button.get_attribute("aria-busy") is None)
    assert server.frames.empty(), "a second press while one is on its way is not sent"


def test_a_press_that_fails_says_so_at_its_card(page: Page, server: StandIn) -> None:
    server.messages = [samples.answer_card(server.url)]
    page.open()
    page.click("[data-control=next]")
    server.fail(server.next("component"), "This interaction failed")
    assert page.find("article .failure").text == "This interaction failed"
    page.click("[data-control=next]")
    server.next("component")
    page.gone(".failure")


def test_focus_stays_on_the_control_when_its_card_is_redrawn(page: Page, server: StandIn) -> None:
    card = samples.answer_card(server.url)
    server.messages = [card]
    page.open()
    page.click("[data-control=next]")
    for layer, last in ((4, False), (5, True)):
        steps = samples.button("Back", f"back.{layer}"), samples.button("On", f"on.{layer}", disabled=last)
        again = samples.card(samples.row(samples.select(f"layer.{layer}", ["Layer 4", "Layer 5"])), samples.row(*steps))
        server.send({"t": "message_update", "message": {**again, "id": card["id"]}})
        page.focus_moves_to("Choose a layer" if last else "On")


def test_disabled_and_link_buttons(page: Page, server: StandIn) -> None:
    server.messages = [samples.answer_card(server.url)]
    page.open()
    assert not page.find("[data-control=previous]").is_enabled()
    paper = page.named("Paper")
    assert (paper.tag_name, paper.get_attribute("href")) == ("a", "https://example.org/paper")


def test_a_select_by_keyboard(page: Page, server: StandIn) -> None:
    server.messages = [samples.answer_card(server.url)]
    page.open()
    page.find("[data-control=layer]").send_keys("\ue015")
    page.until(lambda: page.options() == ["Layer 1", "Layer 2", "Layer 3", "Layer 4"])
    page.press("Arrow_Down", "Arrow_Down", "Enter")
    frame = server.next("component")
    assert (frame["component_type"], frame["custom_id"], frame["values"]) == (3, "layer", ["2"])
    assert page.focused == "Choose a layer, Layer 3"

    page.press("Enter", "Escape")
    page.until(lambda: not page.options())
    assert server.frames.empty(), "closing the list without a choice sends nothing"


def test_a_select_by_mouse_and_one_for_several(page: Page, server: StandIn) -> None:
    server.messages = [
        samples.card(samples.row(samples.select("several", ["One", "Two", "Three"], min_values=0, max_values=2)))
    ]
    page.open()
    page.click("[data-control=several]")
    assert page.find(".popup-note").text == "Choose up to 2"
    for name in ("One", "Two", "Three"):
        next(option for option in page.all("[role=option]") if name in option.text).click()
    assert [option.get_attribute("aria-selected") for option in page.all("[role=option]")] == ["true", "true", "false"]
    page.click("h1")
    assert server.next("component")["values"] == ["0", "1"]
    assert page.find("[data-control=several]").text == "One, Two"


def test_a_modal_is_checked_kept_and_sent(page: Page, server: StandIn) -> None:
    modal = {"t": "modal", "nonce": 1, "interaction_id": "77", "modal": samples.MODAL}
    page.open()
    server.send(modal)
    assert page.find("dialog").accessible_name == "Ask again"
    page.focus_moves_to("Your sentence")
    page.type("A sentence that is too long")
    page.press("Escape")
    page.gone("dialog")

    server.send(modal)
    page.until(lambda: page.find("#modal-text").get_property("value") == "A sentence that is too long")
    page.named("Submit").click()
    assert page.find("#modal-text-problem").text == "Write at most 20 characters, not 27."
    page.find("#modal-text").clear()
    page.find("#modal-text").send_keys("Short enough")
    page.named("Submit").click()
    assert page.find("#modal-layers-problem").text == "Choose one."
    page.named("Second").click()
    page.find("#modal-keep").click()
    page.named("Submit").click()

    frame = server.next("modal_submit")
    assert (frame["interaction_id"], frame["custom_id"]) == ("77", "ask")
    assert frame["fields"] == {"text": "Short enough", "layers": ["2"], "keep": True}
    server.fail(frame, "Something went wrong")
    assert page.find("dialog form > .problem").text == "Something went wrong"
    page.named("Submit").click()
    server.acknowledge(server.next("modal_submit"))
    page.gone("dialog")


def test_a_message_menu_runs_on_its_message(page: Page, server: StandIn) -> None:
    target = samples.card(samples.text("Look at me"))
    server.messages = [target]
    page.open()
    page.named("Apps: commands for this message").send_keys("\ue007")
    page.named("Show tokens").click()
    frame = server.next("command")
    assert (frame["name"], frame["options"], frame["target_id"]) == ("Show tokens", {}, target["id"])
