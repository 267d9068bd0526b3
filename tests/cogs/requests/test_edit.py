"""A refused command keeps what was typed, and *Edit* opens it again in a form."""

from __future__ import annotations

import logging
import unicodedata
from typing import Any

import pytest
from discord import app_commands
from hypothesis import example, given
from hypothesis import strategies as st

from bot.client.bot import COGS
from bot.client.errors import MARK
from cogs.requests.typed import LONGEST_EMBED, LONGEST_EMBEDS, Typed
from core import Core, CoreSettings
from core.errors import OutOfMemory, OutOfService
from core.language import ENGLISH
from tests.cogs.inprocess import Discord, Exchange


async def opened(discord: Discord, refusal: Exchange) -> Any:
    """The form behind *Edit*."""
    return (await discord.press(refusal, refusal.control("edit"))).form


def filled(form: Any) -> dict[str, str]:
    """What a form shows, field by field."""
    return {label["label"]: label["component"]["value"] for label in form["components"]}


async def test_a_refused_command_is_edited_and_runs_with_its_other_options(discord: Discord) -> None:
    refusal = await discord.command("unmask", text="the cat sat", top=7, theme="light", private=True)
    assert refusal.private and refusal.text.startswith(f"{MARK}There is no mask")
    form = await opened(discord, refusal)
    assert filled(form) == {"text": "the cat sat", "top": "7"}
    card = await discord.submit(refusal, form, "the ___ sat", "3")
    assert card.files and card.private and "`the [MASK] sat`" in card.text
    assert "Light" not in str(card.controls) and "Dark" in str(card.controls)  # it is light already
    ((candidates,),) = [discord.bot.core.recall(key).masks for key in {id.split(":")[1] for id in card.controls}]
    assert len(candidates) == 3


async def test_what_is_answered_in_public_stays_public(discord: Discord) -> None:
    refusal = await discord.command("unmask", text="the cat sat")
    card = await discord.submit(refusal, await opened(discord, refusal), "the ___ sat")
    assert card.files and not card.private


async def test_what_is_refused_again_is_kept_again(discord: Discord) -> None:
    refusal = await discord.command("unmask", text="the cat sat", targets="dog, mat", theme="light")
    again = await discord.submit(refusal, await opened(discord, refusal), "the cat", "")
    assert again.private and "no mask" in again.text
    form = await opened(discord, again)
    assert filled(form) == {"text": "the cat"}  # what was emptied is gone
    assert (await discord.submit(again, form, "the ___")).files


async def test_a_mistyped_model_is_edited_too(discord: Discord) -> None:
    refusal = await discord.command("attention", text="the cat sat", model="bundled/mini-lm")
    assert refusal.text == f"{MARK}That model is not among those of this bot: did you mean bundled/minilm?"
    form = await opened(discord, refusal)
    assert filled(form) == {"text": "the cat sat", "model": "bundled/mini-lm"}
    assert (await discord.submit(refusal, form, "the cat sat", " bundled/minilm ")).files
    assert (await discord.submit(refusal, form, "the cat sat", "")).files  # that of the command


@pytest.mark.parametrize(("layer", "told"), [("0", "from 1 to 96"), ("97", "from 1 to 96"), ("two", "from 1 to 96")])
async def test_a_number_in_the_form_has_the_bounds_of_the_option(discord: Discord, layer: str, told: str) -> None:
    refusal = await discord.command("attention", text="the cat sat", layer=50)
    form = await opened(discord, refusal)
    wrong = await discord.submit(refusal, form, "the mat", layer)
    assert wrong.private and told in wrong.text
    assert filled(await opened(discord, wrong)) == {"text": "the mat", "layer": "50"}
    assert "layer 2" in (await discord.submit(refusal, form, "the cat sat", " 2 ")).text
    assert (await discord.submit(refusal, form, "the cat sat", "")).files


async def test_a_changed_sentence_is_kept(discord: Discord) -> None:
    card = await discord.command("sentiment", text="I loved it")
    asked = await discord.press(card, card.control("whatif"))
    refusal = await discord.submit(card, asked.form, "\u200b\u2060")
    assert refusal.private and refusal.text.startswith(MARK)
    form = await opened(discord, refusal)
    assert filled(form) == {"Change a word or two": "\u200b\u2060"}
    assert (await discord.submit(refusal, form, "I hated it")).files[0][0] == "whatif.png"


async def test_an_exercise_is_kept(discord: Discord) -> None:
    refusal = await discord.command("lab", query="1 0; 0", key="1 0; 0 1", seed=3)
    form = await opened(discord, refusal)
    assert filled(form) == {"query": "1 0; 0", "key": "1 0; 0 1", "seed": "3"}
    assert (await discord.submit(refusal, form, "1 0; 0 1", "1 0; 0 1", "")).files


async def test_the_kind_of_an_exercise_stays_while_its_numbers_are_mended(discord: Discord) -> None:
    refusal = await discord.command("lab", query="1 0 2; 0 1 2", names="le chat", kind="dot", heads=2)
    assert "3 columns cannot be split into 2 heads" in refusal.text
    form = await opened(discord, refusal)
    assert filled(form) == {"query": "1 0 2; 0 1 2", "names": "le chat", "heads": "2"}
    mended = await discord.submit(refusal, form, "1 0 2; 0 1 2", "le chat", "3")
    assert mended.files and "kind:dot heads:3 names:le chat" in mended.text


HOSTILE = [
    "``` @everyone <@1> **x** ```",
    "a\u202eb\u200bc",
    "\\u{60} \\ `",
    "👨\u200d👩\u200d👧 \ud800",
    "\n a \r\n",
    "𝒳\U000e0041",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_comes_back_exactly_and_hides_nothing(discord: Discord, text: str) -> None:
    refusal = await discord.command("unmask", text=text)
    (shown,) = refusal.message["embeds"]
    inside = shown["description"].removeprefix("```\n").removesuffix("\n```")
    assert "`" not in inside
    assert not {unicodedata.category(sign) for sign in inside if sign not in "\n\u200d"} & {"Cc", "Cf", "Cs", "Co"}
    assert filled(await opened(discord, refusal)) == {"text": text.replace("\ud800", "\ufffd")}


TEXTS = st.dictionaries(st.sampled_from(["text", "second", "model"]), st.text(min_size=1, max_size=2500), min_size=1)


@given(texts=TEXTS)
@example(texts={"text": "`" * 600})
@example(texts={"text": "z" * 2000, "second": "z" * 2000, "model": "z" * 2000})
@pytest.mark.parametrize("options", [{}, {"layer": "3"}])
async def test_what_is_shown_fits_into_a_message(options: dict[str, str], texts: dict[str, str]) -> None:
    sent = Typed.of_command("attention", texts, options).show(ENGLISH)
    embeds = sent.get("embeds", [])
    assert sum(map(len, embeds)) <= LONGEST_EMBEDS
    assert all(len(embed.description or "") <= LONGEST_EMBED for embed in embeds)
    assert all({} not in embed.to_dict().values() for embed in embeds)  # Discord refuses an empty footer
    if sum(map(len, texts.values())) < 300:
        assert embeds


async def test_what_another_text_cannot_mend_has_no_button(settings: CoreSettings) -> None:
    class Broken(Core):
        error: Exception = OutOfService()

        async def sentiment(self, text: str, **_: Any) -> Any:
            raise self.error.with_traceback(None)

    async with Broken.open(settings) as core, Discord(core, pause=100).logged_in() as discord:
        refusal = await discord.command("sentiment", text="a")
        assert refusal.text.startswith(MARK) and not refusal.controls and not refusal.message["embeds"]
        assert "quick" in (limited := await discord.command("sentiment", text="a")).text and not limited.controls
    async with Broken.open(settings) as core, Discord(core).logged_in() as discord:
        Broken.error = OutOfMemory()
        refusal = await discord.command("sentiment", text="a")
        assert refusal.private and refusal.control("edit") and filled(await opened(discord, refusal)) == {"text": "a"}


async def test_what_is_kept_outlives_the_process_and_stays_out_of_the_log(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Discord(core).logged_in() as discord:
        refusal = await discord.command("unmask", text="my secret diary")
    async with Discord(core).logged_in() as restarted:
        form = await opened(restarted, refusal)
        assert (await restarted.submit(refusal, form, "my secret ___")).files
    assert "secret" not in caplog.text


@pytest.mark.parametrize("field", ["edit", "edited"])
async def test_a_forged_control_is_refused(discord: Discord, field: str) -> None:
    card = await discord.command("tokens", text="the cat")
    for detail in ("edited.unmask", "unmask", "edited.nothing", "nothing", ""):
        custom_id = f"{field}:0000000000:{detail}"
        row = {
            "type": 1,
            "id": 90,
            "components": [{"type": 2, "id": 91, "style": 2, "label": "x", "custom_id": custom_id}],
        }
        pressed = discord.forge(3, {"component_type": 2, "custom_id": custom_id, "id": 91}, card, row)
        await discord.settle()
        assert "no longer kept" in str(pressed.sent)


async def test_what_a_form_has_no_room_for_stays_as_it_was(discord: Discord) -> None:
    texts = {"model": "bundled/minilm", "word": "sat", "token": "cat", "against": "b", "second": "c", "text": "the cat"}
    refusal = await discord.command("attention", **texts, layer=2)
    form = await opened(discord, refusal)
    assert list(filled(form)) == ["text", "second", "against", "word", "token"]
    card = await discord.submit(refusal, form, "the cat sat", "", "", "sat", "")
    assert card.files and "-# bundled/minilm" in card.text


async def test_choices_are_one_word(discord: Discord) -> None:
    """So that they can be read back from the line that they are shown in."""
    commands = [one for one in discord.bot.tree.get_commands() if isinstance(one, app_commands.Command)]
    assert len(commands) == len(COGS) - 1  # that of messages has another kind
    for one in (parameter for command in commands for parameter in command.parameters):
        assert not any(" " in str(choice.value) for choice in one.choices)
