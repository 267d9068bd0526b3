"""Choosing a command, filling it in and sending it, with the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import samples

if TYPE_CHECKING:
    from .page import Page
    from .standin import StandIn

NAMES = ["/about", "/attention", "/lab softmax", "/sentiment", "/tokens"]


def test_a_command_from_the_first_key_to_the_card(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/")
    assert page.options() == NAMES
    page.type("sent")
    assert page.options() == ["/sentiment"]
    page.press("Tab")
    assert page.focused == "text"
    assert "The sentence to look at required, up to 400 characters" in page.find("#hint").text
    page.type("I loved it 🎉")
    page.press("Enter")

    frame = server.next("command")
    assert (frame["name"], frame["options"]) == ("sentiment", {"text": "I loved it 🎉"})
    assert "Sending the command" in page.find(".note").text
    assert page.focused == "Type / for a command"

    waiting = samples.message(flags=samples.LOADING, command="sentiment")
    server.acknowledge(frame)
    server.send({"t": "message_create", "message": waiting})
    page.gone(".note")
    assert page.find(".thinking").text == "attention-bot is thinking…"
    assert "Ada\nused\n/sentiment" in page.find(".used").text

    server.send({"t": "message_update", "message": {**samples.answer_card(server.url), "id": waiting["id"]}})
    page.gone(".thinking")
    assert "Layer 3, head 7" in page.find(".container").text
    assert len(page.all("article")) == 1


def test_a_slash_typed_anywhere_starts_a_command(page: Page, server: StandIn) -> None:
    page.open()
    page.run("document.activeElement.blur()")
    page.type("/sentiment text:I loved it")
    assert page.find(".command").text == "/sentiment"
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "I loved it"}


def test_escape_puts_the_commands_away(page: Page) -> None:
    page.open()
    page.click("#slash")
    assert page.options() == NAMES and page.find("#panel").text.startswith("Choose a command")
    page.press("Escape")
    page.gone("#panel")


def test_arrows_choose_and_escape_gives_back_what_was_written(page: Page) -> None:
    page.open()
    page.press("/", "Arrow_Down", "Arrow_Down", "Arrow_Up", "Enter")
    assert page.find(".command").text == "/attention"
    page.type("some words")
    page.press("Escape")
    assert page.find("#entry").get_property("value") == "some words"
    page.type("!")
    assert page.options() == ["/attention", "/sentiment", "/tokens", "Send as a message"]
    page.press("Arrow_Down", "Arrow_Down", "Enter")
    assert page.find(".command").text == "/tokens"
    assert page.find("#option-text").get_property("value") == "some words!"
    page.press("Escape")
    page.press(*["Backspace"] * len("some words!"))
    page.type("/tokens ")
    assert page.find("#option-text").get_property("value") == "", "who empties the line starts afresh"


@pytest.mark.parametrize(
    ("spelt", "name", "text", "problem"),
    [
        ("/tokens", "text", "", "This option is required."),
        ("/tokens", "text", "  ", "This option is required."),
        ("/tokens", "text", "x" * 401, "Enter up to 400 characters, not 401."),
        ("/attention text:hi layer:", "layer", "13", "Enter 1 to 12."),
        ("/attention text:hi layer:", "layer", "2.5", "Enter a whole number."),
        ("/lab softmax", "temperature", "0", "Enter at least 0.1."),
        ("/lab softmax", "temperature", "warm", "Enter a number."),
        ("/tokens text:hi style:", "style", "Oil", "Choose one of the listed values."),
    ],
)
def test_what_discord_would_refuse_is_not_sent(
    page: Page, server: StandIn, spelt: str, name: str, text: str, problem: str
) -> None:
    page.open()
    page.type(f"{spelt} ")
    box = page.find(f"#option-{name}")
    box.clear()
    page.run(
        "arguments[0].value = arguments[1]; document.querySelector('.field textarea, .field input').focus()", box, text
    )
    page.press("Enter")
    assert page.find("#problem").text == problem
    assert box.get_attribute("aria-invalid") == "true"
    assert page.focused == name
    assert server.frames.empty()


def test_many_options_are_offered_a_few_at_a_time(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/lab softmax 0.5")
    assert [button.text for button in page.all(".add")] == [*(f"+ {name}" for name in samples.MANY[:4]), "+ 3 more"]
    page.press(*["Tab"] * 5)
    assert page.focused == "+ 3 more"
    page.press("Enter")
    assert page.focused == "+ seed"
    assert [button.text for button in page.all(".add")] == [f"+ {name}" for name in samples.MANY]
    page.press("Enter")
    page.type("7")
    page.press("Enter")
    assert server.next("command")["options"] == {"temperature": 0.5, "seed": "7"}


def test_numbers_choices_and_optional_options(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/tokens The cat")
    page.press("Tab")
    assert page.focused == "+ style"
    page.press("Enter")
    assert page.focused == "style"
    assert page.options() == ["Strip", "Table"]
    page.press("Arrow_Down", "Arrow_Down", "Enter", "Enter")
    assert server.next("command")["options"] == {"text": "The cat", "style": "t"}

    page.type("/attention layer:7 text:The dog")
    assert [label.text for label in page.all(".field label")] == ["text", "layer"], "required ones first"
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "The dog", "layer": 7}

    page.type("/lab softmax 0.5")
    page.press("Enter")
    frame = server.next("command")
    assert (frame["name"], frame["options"]) == ("lab softmax", {"temperature": 0.5})

    page.type("/about ")
    page.press("Enter")
    assert server.next("command")["options"] == {}


def test_an_optional_option_can_be_taken_away_again(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/attention layer:3 text:The cat")
    page.named("Remove layer").click()
    page.gone("#option-layer")
    page.find("#option-text").click()
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "The cat"}


def test_the_bot_completes_an_option(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/attention text:Hi model:be")
    page.find("#option-model").click()
    frame = server.next("autocomplete")
    assert (frame["name"], frame["focused"]) == ("attention", "model")
    assert frame["options"] == {"text": "Hi", "model": "be"}
    choices = [{"name": "BERT, cased", "value": "google-bert/bert-base-cased"}]
    server.send({"t": "choices", "nonce": frame["nonce"], "choices": choices})
    page.until(lambda: page.options() == ["BERT, cased"])
    page.press("Arrow_Down", "Enter", "Enter")
    assert server.next("command")["options"] == {"text": "Hi", "model": "google-bert/bert-base-cased"}


def test_an_example_is_one_press_away(page: Page, server: StandIn) -> None:
    page.open()
    assert all("Enter sends" in example.text.replace("\n", " ") for example in page.all(".example"))
    page.click(".example")
    assert page.find(".command").text == "/attention"
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "The animal didn't cross the street because it was too tired."}


def test_a_phone_puts_its_keyboard_away_for_the_answer(page: Page, server: StandIn) -> None:
    page.width(400)
    page.touch()
    page.open()
    assert page.focused != "Type / for a command"
    page.click(".example")
    page.focus_moves_to("text")
    page.press("Enter")
    server.next("command")
    page.until(lambda: page.run("return document.activeElement === document.body"))


def test_a_pasted_command_is_understood(page: Page, server: StandIn) -> None:
    page.open()
    paste = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new InputEvent('input', {bubbles: true}))"
    page.run(paste, page.find("#entry"), "/tokens text:Note: the cat style:Table")
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "Note: the cat", "style": "t"}


def test_line_breaks_are_sent_as_typed(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/tokens one")
    page.type("\ntwo")
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "one\ntwo"}


def test_a_draft_survives_reload_another_user_and_new_commands(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/attention text:Precious words layer:4")
    page.driver.refresh()
    page.until(lambda: page.find("#option-layer").get_property("value") == "4")

    page.act_as("Grace")
    server.next("act_as")
    assert page.find("#option-text").get_property("value") == "Precious words"

    server.send({"t": "commands", "commands": samples.COMMANDS[1:]})
    page.gone(".command")
    assert page.find("#entry").get_property("value") == "Precious words"


def test_a_failed_command_can_be_edited_and_sent_again(page: Page, server: StandIn) -> None:
    page.open()
    page.type("/tokens Once more")
    page.press("Enter")
    server.fail(server.next("command"))
    assert page.find(".failure").text == "The application did not respond"
    assert "Only you can see this" in page.find(".note").text
    page.named("Edit and try again").click()
    assert page.focused == "text"
    page.press("Enter")
    assert server.next("command")["options"] == {"text": "Once more"}


def test_the_up_arrow_brings_back_earlier_commands(page: Page, server: StandIn) -> None:
    page.open()
    for words in ("first", "second"):
        page.type(f"/tokens {words}")
        page.press("Enter")
        server.next("command")
    page.type("/tokens unfinished")
    for key, words in [
        ("Arrow_Up", "second"),
        ("Arrow_Up", "first"),
        ("Arrow_Down", "second"),
        ("Arrow_Down", "unfinished"),
    ]:
        page.press("Home" if key == "Arrow_Up" else "End", key)
        assert page.find("#option-text").get_property("value") == words


def test_words_can_be_sent_as_a_message(page: Page, server: StandIn) -> None:
    page.open()
    page.type("The cat sat")
    page.press("Arrow_Up", "Enter")
    assert server.next("say")["content"] == "The cat sat"
    server.send(
        {"t": "message_create", "message": samples.message(author=samples.ADA, command=None, content="The cat sat")}
    )
    assert page.find("article").text.split("\n")[-1] == "The cat sat"
    assert not page.all(".app-badge")
    assert page.find("#entry").get_property("value") == ""


def test_a_message_that_is_too_long_is_not_lost(page: Page, server: StandIn) -> None:
    page.open()
    page.run("arguments[0].value = arguments[1]", page.find("#entry"), "x" * 2000)
    page.type("y")
    page.press("Arrow_Up", "Enter")
    assert page.find("#problem").text == "A message has between 1 and 2,000 characters."
    assert len(page.find("#entry").get_property("value")) == 2001 and server.frames.empty()


def test_plain_words_are_not_sent_and_not_lost(page: Page, server: StandIn) -> None:
    page.open()
    page.type("hello bot")
    page.press("Escape", "Enter")
    assert "the bot answers commands, not messages" in page.find("#problem").text
    assert page.find("#entry").get_property("value") == "hello bot"
    assert server.frames.empty()


def test_a_mistyped_command_offers_the_one_that_was_meant_and_keeps_the_words(page: Page) -> None:
    page.open()
    page.type("/atention the cat sat")
    assert page.options() == ["/attention"]
    assert "did you mean /attention?" in page.find("#hint").text
    page.press("Tab")
    assert page.find(".command").text == "/attention"
    assert page.find("#option-text").get_property("value") == "the cat sat"
    page.press("Escape", "Escape")


def test_words_that_are_like_no_command(page: Page) -> None:
    page.open()
    page.type("/zzz")
    assert page.options() == [] and "No command is called that" in page.find("#hint").text
