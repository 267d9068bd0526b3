"""The page around the messages: people, the connection, themes, small screens, and those who do not see or point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import samples

if TYPE_CHECKING:
    from .page import Page
    from .standin import StandIn


# A wire that is cut: sockets that never open, until the test says that the next attempt may succeed.
CUT = """
window.RealWebSocket = WebSocket;
window.WebSocket = class extends EventTarget {
  constructor() {
    super();
    window.again = () => this.dispatchEvent(new Event("close"));
  }
};
"""
MEND = "window.WebSocket = window.RealWebSocket; window.again();"

TOO_WIDE = """
const nodes = document.querySelectorAll("body, main, #log, #composer, header, article, article *");
const wide = [...nodes].filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && !node.closest("pre"));
return wide.map((node) => node.outerHTML.slice(0, 80)).concat(document.body.scrollWidth > innerWidth ? ["page"] : []);
"""

SHOWS_FOCUS = """
const [control] = arguments;
const frame = control.closest(".field") ?? control;
return getComputedStyle(control).outlineStyle !== "none" || getComputedStyle(frame).boxShadow !== "none";
"""


def test_it_says_where_it_is_and_whether_the_bot_is_there(page: Page, server: StandIn) -> None:
    page.open()
    assert page.driver.title == "#bot-lab · Transformer Club"
    assert page.find("h1").text == "bot-lab"
    assert page.find("#bot").text == "attention-bot online"
    server.send({"t": "bot", "online": False})
    page.until(lambda: page.find("#bot").text == "attention-bot offline")


def test_another_person_is_remembered_by_the_tab(page: Page, server: StandIn) -> None:
    page.open()
    page.act_as("Grace")
    assert server.next("act_as")["user_id"] == samples.GRACE["id"]
    page.driver.refresh()
    assert server.next("act_as")["user_id"] == samples.GRACE["id"]
    page.until(lambda: page.find("#act-as").get_property("value") == samples.GRACE["id"])


def test_a_language_is_chosen_where_there_are_several(page: Page, server: StandIn) -> None:
    page.open()
    assert not page.all("#speak option") and not page.all("#speaks")[0].is_displayed()
    server.send({"t": "commands", "commands": samples.COMMANDS, "locale": "en-US", "locales": ["en-US", "de", "ja"]})
    assert page.find("#speak").accessible_name == "Language"
    assert [option.text for option in page.all("#speak option")] == ["American English", "Deutsch", "日本語"]
    page.find("#speak").send_keys("Deu")
    assert server.next("speak")["locale"] == "de"


def test_a_lost_connection_comes_back_and_nothing_typed_is_lost(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/tokens Hold on")
    page.run(CUT)
    server.drop()
    assert "The connection to the local Discord is lost" in page.find("#notice").text
    assert page.find("#bot").text == "attention-bot offline"
    page.press("Enter")
    assert "What you wrote stays here" in page.find("#problem").text
    page.until(lambda: page.run("return Boolean(window.again)"))
    page.run(MEND)
    page.gone("#notice")
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "Hold on"}


def test_a_command_under_way_when_the_line_drops_is_told_so(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/tokens Hold on")
    page.press("Enter")
    server.next("command")
    server.drop()
    assert page.find(".failure").text == "The connection was lost before an answer came"
    page.gone("#notice")
    assert page.find(".failure"), "it stays after the page has found its way back"


def brightness(page: Page) -> int:
    colour = page.run("return getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def test_the_theme_follows_the_system_until_it_is_chosen(page: Page) -> None:
    page.prefer("dark")
    page.open()
    assert brightness(page) < 200
    page.prefer("light")
    page.until(lambda: brightness(page) > 600)
    page.named("Switch to the dark theme").click()
    page.until(lambda: brightness(page) < 200)
    page.driver.refresh()
    page.named("Switch to the light theme")
    assert brightness(page) < 200

    page.named("Switch to the light theme").click()
    page.prefer("dark")
    page.until(lambda: brightness(page) < 200)  # whoever chose what the system prefers follows it again


def test_whatever_is_asked_says_which_theme_the_page_has(page: Page, server: StandIn) -> None:
    page.prefer("light")
    server.messages = [samples.answer_card(server.url)]
    page.open()
    page.type("/tokens The cat")
    page.press("Enter")
    assert server.next("command")["theme"] == "light"
    page.prefer("dark")
    page.click("[data-control=next]")
    assert server.next("component")["theme"] == "dark"
    page.named("Switch to the light theme").click()
    server.send({"t": "modal", "nonce": 1, "interaction_id": "77", "modal": {**samples.MODAL, "components": []}})
    page.named("Submit").click()
    assert server.next("modal_submit")["theme"] == "light"


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_is_wider_than_a_small_screen(page: Page, server: StandIn, width: int) -> None:
    long = samples.message(content="word" * 200, command="a" * 32, user={**samples.ADA, "global_name": "A" * 32})
    server.messages = [*samples.every_component(server.url), samples.answer_card(server.url), long]
    page.width(width)
    page.open()
    page.type("/attention text:a rather long sentence to make the line wrap layer:3")
    assert page.run(TOO_WIDE) == []
    assert page.named("Send").is_displayed()
    assert page.find("#act-as").is_displayed()


COLLIDING = """
const parts = [...document.querySelectorAll("h1, #bot, #act-as, #speak, #theme")];
const boxes = parts.map((part) => ({ name: part.id || "h1", ...part.getBoundingClientRect().toJSON() }));
const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
return boxes.flatMap((a, i) => [
  ...boxes.slice(i + 1).filter((b) => meet(a, b)).map((b) => `${a.name} and ${b.name}`),
  ...(a.width < 16 || a.right > innerWidth ? [`${a.name} is cut`] : []),
]);
"""


@pytest.mark.parametrize("width", [320, 360, 400, 768, 1280])
def test_nothing_at_the_top_or_about_the_reader_collides(page: Page, server: StandIn, width: int) -> None:
    page.width(width)
    page.open()
    server.send({"t": "commands", "commands": samples.COMMANDS, "locale": "de", "locales": ["en-US", "de", "es-ES"]})
    page.find("#speak")
    assert page.run(COLLIDING) == []
    if width >= 400:  # names are short, and there is room for them
        clipped = (
            "const { scrollWidth, clientWidth } = document.querySelector('h1 bdi'); return scrollWidth > clientWidth"
        )
        assert not page.run(clipped)


def test_every_control_can_be_reached_seen_and_named(page: Page, server: StandIn) -> None:
    server.messages = [samples.answer_card(server.url)]
    page.open()
    page.type("/attention text:hello ")
    controls = [
        c for c in page.all("button, a, input, select, textarea, [tabindex='0']") if c.is_displayed() and c.is_enabled()
    ]
    assert [control.get_attribute("outerHTML") for control in controls if not control.accessible_name] == []

    reached = set()
    for _ in range(2 * len(controls)):
        page.press("Tab")
        focus = page.driver.switch_to.active_element
        reached.add(focus.accessible_name)
        assert focus.tag_name == "body" or page.run(SHOWS_FOCUS, focus), focus.accessible_name
    assert {control.accessible_name for control in controls} <= reached


def test_what_is_said_aloud(page: Page, server: StandIn) -> None:
    page.open()
    log = page.find("#thread")
    assert (log.aria_role, log.get_attribute("aria-live")) == ("log", "polite")
    assert {mark.aria_role for mark in page.all("main, nav, aside, header.top")} == {
        "main",
        "navigation",
        "complementary",
        "banner",
    }
    page.type("/to")
    entry = page.find("#entry")
    assert (entry.aria_role, entry.get_attribute("aria-expanded")) == ("combobox", "true")
    active = page.find(f"#{entry.get_attribute('aria-activedescendant')}")
    assert (active.aria_role, active.text.split("\n")[0]) == ("option", "/tokens")
    page.press("Escape")
    assert entry.get_attribute("aria-expanded") == "false"


def test_less_motion_for_who_asks_for_it(page: Page, server: StandIn) -> None:
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    server.messages = [samples.message(flags=samples.LOADING)]
    page.open()
    assert page.run("return getComputedStyle(document.querySelector('.dots i')).animationName") == "none"


def test_the_slash_key_leads_to_the_commands_from_anywhere(page: Page, server: StandIn) -> None:
    server.messages = [samples.answer_card(server.url)]
    page.open()
    page.click("h1")
    page.press("/")
    assert page.options()[:2] == ["/about", "/attention"]
    assert page.focused == "Type / for a command"
