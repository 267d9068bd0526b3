"""The page's own words are in the language of whoever acts: all of them, and at once."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from cogs.languages import Languages
from tests.said_on_page import page_sentences

from . import samples

if TYPE_CHECKING:
    from .page import Page
    from .standin import StandIn

MARK = "ж"
EVERYWHERE = {"ALT", "kB", "bytes"}
"""A sign that Discord has in every language, and units, which the browser writes."""
LOCALES = ["en-US", "de", "es-ES", "fr", "ja"]

# Every text and label on the page, also those that only listeners get; times are written by the browser.
EVERYTHING = """
const said = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const { parentElement, data } = texts.currentNode;
  if (!parentElement.closest("script, noscript, time, option, #bot:not(.online, :has(span))")) said.push(data);
}
for (const node of document.querySelectorAll("[aria-label], [placeholder], [title]"))
  for (const name of ["aria-label", "placeholder", "title"])
    if (node.tagName !== "TIME") said.push(node.getAttribute(name) ?? "");
for (const node of document.querySelectorAll("[data-cover]")) said.push(node.dataset.cover);
return said;
"""


def marked(sentence: str) -> str:
    """A sentence in a language of its own: every word has a mark, the fields stay."""
    return re.sub(r"\{\w+\}|[A-Za-z]+", lambda part: part[0] if part[0][0] == "{" else MARK + part[0], sentence)


STRANGE = {"code": "mk", "words": {sentence: marked(sentence) for sentence in page_sentences()}}


def words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall(rf"(?<![{MARK}A-Za-z])[A-Za-z]{{2,}}", text)}


def english(page: Page, server: StandIn) -> set[str]:
    """The words on the page that neither the bot nor a person has said, and that are not in the strange language."""
    data = [samples.USERS, samples.BOT, samples.CHANNEL, samples.GUILD, samples.COMMANDS, samples.MODAL]
    told = json.dumps([*data, server.messages], ensure_ascii=False)
    theirs = words(told, "Hold on", *(example.text for example in page.all(".example span")))
    return words(*page.run(EVERYTHING)) - theirs - EVERYWHERE


@pytest.fixture
def strange(page: Page, server: StandIn) -> Page:
    """A page with everything on it, put into the strange language after it was drawn."""
    waiting = samples.message(flags=samples.LOADING)
    secret = samples.card(samples.text("secret"), samples.picture("https://example.org"), private=True)
    nameless = samples.message(content="hello <@77> <#77> <@&77> ||hidden||")
    nameless["interaction"] = {**nameless["interaction"], "name": None}
    nameless["interaction_metadata"] = {**nameless["interaction_metadata"], "name": None}
    server.messages = [*samples.every_component(server.url), samples.answer_card(server.url), secret, waiting, nameless]
    page.open()
    server.send(
        {"t": "commands", "commands": samples.COMMANDS, "locale": "de", "locales": LOCALES, "language": STRANGE}
    )
    page.until(lambda: page.run("return document.documentElement.lang") == "mk")
    return page


def test_every_word_of_the_page_changes_at_once(strange: Page, server: StandIn) -> None:
    assert english(strange, server) == set()
    strange.run("document.getElementById('log').scrollTop = 0")
    strange.find("#jump")
    assert english(strange, server) == set()
    back = {"code": "en", "words": {}}
    server.send(
        {"t": "commands", "commands": samples.COMMANDS, "locale": "en-US", "locales": LOCALES, "language": back}
    )
    strange.until(lambda: not any(MARK in text for text in strange.run(EVERYTHING)))
    assert strange.run("return document.documentElement.lang") == "en"


@pytest.mark.parametrize("messages", [0, 40])
def test_the_reader_stays_where_they_were(page: Page, server: StandIn, messages: int) -> None:
    where = "return document.getElementById('log').scrollTop"
    server.messages = [samples.message(content=f"line {number}") for number in range(messages)]
    page.width(400, 400)
    page.open()
    if messages:
        page.run("document.getElementById('log').scrollTop = 700")
        page.find("#jump")
    before = page.run(where)
    assert before == 700 if messages else before < 20  # a short window shows the welcome from its top
    change = {"t": "commands", "commands": samples.COMMANDS, "locale": "de", "locales": LOCALES, "language": STRANGE}
    server.send(change)
    page.until(lambda: MARK in page.find(".welcome, #jump").text)
    assert page.run(where) == before


def test_so_do_the_words_of_the_composer(strange: Page, server: StandIn) -> None:
    strange.find("#entry").click()
    strange.type("Hold on")
    strange.find("[role=option]")
    assert english(strange, server) == set()
    strange.press("Escape", "Enter")
    assert strange.find("#problem").text.startswith(MARK) and english(strange, server) == set()
    strange.press(*["Backspace"] * len("Hold on"))
    for spelt in (
        "/tokens style:x",
        "/attention layer:13 text:Hold on",
        "/attention layer:1.5 text:Hold on",
        "/lab softmax 0",
    ):
        strange.type(f"{spelt} ")
        strange.press("Enter")
        assert MARK in strange.find("#problem").text and MARK in strange.find("#hint").text, spelt
        assert english(strange, server) == set(), spelt
        strange.press("Escape")
        strange.press(*["Backspace"] * 20)


def test_so_do_forms_pictures_and_failures(strange: Page, server: StandIn) -> None:
    strange.type("/tokens Hold on")
    strange.press("Enter")
    server.next("command")
    assert MARK in strange.find(".note").text
    server.send({"t": "modal", "nonce": 1, "interaction_id": "77", "modal": samples.MODAL})
    strange.named(marked("Submit"), "dialog").click()
    assert strange.find("#modal-text-problem").text.startswith(MARK) and english(strange, server) == set()
    strange.press("Escape")
    strange.gone("dialog")
    strange.find(".zoomable").click()
    strange.find("dialog img")
    assert english(strange, server) == set()
    strange.press("Escape")
    server.drop()
    assert MARK in strange.find(".note .failure").text and english(strange, server) == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_languages_there_are(page: Page, server: StandIn, locale: str) -> None:
    say = Languages.load().of(locale)
    server.language = {"code": say.code, "words": dict(say.sentences)}
    server.messages = [samples.card(samples.text("secret"), private=True)]
    for width in (1280, 320):
        page.width(width)
        page.open()
        assert page.run("return document.documentElement.lang") == say.code
        assert page.find("#entry").accessible_name == say("Type / for a command")
        assert say("Only you can see this") in page.find("article").text
        assert page.run("return document.body.scrollWidth") <= width
    page.find("#entry").click()
    page.type("/tokens text:")
    page.press("Enter")
    assert page.find("#problem").text == say("This option is required.")
