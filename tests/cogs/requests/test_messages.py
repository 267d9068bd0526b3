"""Message menus read what people see of a message, whatever Discord keeps it in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.requests.message_text import visible_text
from core import Core
from tests.cogs.inprocess import APPLICATION, CHANNEL, GUILD, Discord, Json

ID = "123456789012345678"
CAROL = {"id": ID, "username": "carol", "discriminator": "0", "avatar": None, "global_name": "Carol C."}
AUTHOR = {"id": "9", "username": "bob", "discriminator": "0", "avatar": None}
EMPTY: Json = {"content": "", "embeds": [], "attachments": [], "mentions": [], "mention_roles": [], "components": []}
SEEN: Json = {"timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "flags": 0, "type": 0}
WORDS = {"text": "the cat"}


def message(**parts: Any) -> Json:
    """A message as Discord sends it."""
    where = {"id": "77", "channel_id": CHANNEL, "author": AUTHOR, "pinned": False, "tts": False}
    return {**where, **EMPTY, **SEEN, "mention_everyone": False, **parts}


def forwarded(**parts: Any) -> Json:
    return message(message_snapshots=[{"message": {**EMPTY, **SEEN, **parts}}])


def shown(*components: Json) -> Json:
    return message(flags=1 << 15, components=[{**one, "id": n} for n, one in enumerate(components, 1)])


POLL: Json = {
    "question": {"text": "the cat"},
    "answers": [
        {"answer_id": 1, "poll_media": {"text": "sat"}},
        {"answer_id": 2, "poll_media": {"text": "ran", "emoji": {"id": ID, "name": "run"}}},
    ],
    "expiry": "2026-01-02T00:00:00+00:00",
    "allow_multiselect": False,
    "layout_type": 1,
}
EMBED: Json = {
    "type": "rich",
    "author": {"name": "the film"},
    "title": "the cat",
    "description": "sat on",
    "fields": [{"name": "the", "value": "mat", "inline": True}],
    "footer": {"text": "good"},
    "url": "https://example.com/1",
}
TEXT, GALLERY, CONTAINER, SECTION, BUTTON, ROW = 10, 12, 17, 9, 2, 1
PRESSED = {"type": BUTTON, "style": 2, "label": "press", "custom_id": "x", "id": 90}


def display(text: str, number: int = 91) -> Json:
    return {"type": TEXT, "content": text, "id": number}


SAID = {
    "ordinary": (message(content="the cat sat"), "the cat sat"),
    "forwarded": (forwarded(content="the cat sat"), "the cat sat"),
    "forwarded embed": (forwarded(embeds=[EMBED]), "the film\nthe cat\nsat on\nthe\nmat\ngood"),
    "forwarded components": (
        forwarded(components=[{"type": CONTAINER, "id": 1, "components": [display("the cat")]}]),
        "the cat",
    ),
    "embed": (message(content="look", embeds=[EMBED]), "look\nthe film\nthe cat\nsat on\nthe\nmat\ngood"),
    "preview of a link": (
        message(content="the cat https://example.com/1", embeds=[{**EMBED, "type": "article"}]),
        "the cat https://example.com/1",
    ),
    "nothing but a link": (
        message(content="https://example.com/1", embeds=[{"type": "article", "title": "the cat"}]),
        "https://example.com/1\nthe cat",
    ),
    "poll": (message(poll=POLL), "the cat\nsat\nran"),
    "end of a poll": (
        message(
            type=46,
            embeds=[
                {
                    "type": "poll_result",
                    "fields": [
                        {"name": "poll_question_text", "value": "the cat"},
                        {"name": "victor_answer_id", "value": "1"},
                        {"name": "victor_answer_text", "value": "sat"},
                        {"name": "total_votes", "value": "3"},
                    ],
                }
            ],
        ),
        "the cat\nsat",
    ),
    "components": (
        shown(
            display("the cat"),
            {
                "type": CONTAINER,
                "components": [
                    {"type": SECTION, "id": 80, "components": [display("sat on", 81)], "accessory": PRESSED},
                    display("the mat", 82),
                    {"type": ROW, "id": 83, "components": [{**PRESSED, "custom_id": "y", "id": 84}]},
                ],
            },
        ),
        "the cat\nsat on\nthe mat",
    ),
    "a person": (message(content=f"<@{ID}> and <@!{ID}> sat", mentions=[CAROL]), "@Carol C. and @Carol C. sat"),
    "a nickname": (message(content=f"<@{ID}> sat", mentions=[{**CAROL, "member": {"nick": "Cee"}}]), "@Cee sat"),
    "a person in a forwarded message": (forwarded(content=f"<@{ID}> sat", mentions=[CAROL]), "@Carol C. sat"),
    "a stranger": (message(content=f"<@{ID}> sat"), "@unknown-user sat"),
    "a strange role": (message(content=f"<@&{ID}> sat"), "@unknown-role sat"),
    "a strange channel": (message(content=f"in <#{ID}>"), "in #unknown"),
    "an emoji of a server": (message(content=f"good <:blobcat:{ID}> <a:dance_2:{ID}>"), "good :blobcat: :dance_2:"),
    "a command": (message(content=f"try </tokens:{ID}> or </lab show:{ID}>"), "try /tokens or /lab show"),
    "a place": (
        message(content="see <id:customize> <id:linked-roles:123456789012345678>"),
        "see customize linked-roles",
    ),
    "a moment": (message(content="at <t:1700000000>"), "at 14 November 2023 22:13"),
    "a day": (message(content="on <t:1700000000:D>"), "on 14 November 2023"),
    "a time of day": (message(content="at <t:1700000000:t>"), "at 22:13"),
    "no moment at all": (message(content="at <t:99999999999999999>!"), "at !"),
    "a link without a preview": (message(content="see <https://example.com/a>"), "see https://example.com/a"),
    "mentions in an embed": (message(embeds=[{"type": "rich", "description": f"<#{ID}> <:a:{ID}>"}]), "#unknown :a:"),
}


@pytest.mark.parametrize("kind", SAID)
async def test_what_people_see_is_read(discord: Discord, kind: str) -> None:
    asked, seen = SAID[kind]
    read = await discord.menu("Tokens", asked)
    assert read.private and read.steps == ["callback 5", "PATCH"]
    assert visible_text(asked) == seen
    assert f"`{' '.join(seen.split())}`" in read.text


async def test_names_that_only_the_server_knows(discord: Discord) -> None:
    role = {"id": ID, "name": "keepers", "color": 0, "hoist": False, "position": 1, "permissions": "0", "flags": 0}
    rules = {"managed": False, "mentionable": True}
    channel = {"id": "223456789012345678", "type": 0, "name": "den", "position": 0, "permission_overwrites": []}
    guild = {"id": GUILD, "name": "here", "roles": [{**role, **rules}], "channels": [channel], "members": []}
    discord.bot._connection._add_guild_from_data(guild)  # type: ignore[arg-type]
    asked = message(content=f"the <@&{ID}> of <#223456789012345678>")
    assert "`the @keepers of #den`" in (await discord.menu("Tokens", asked)).text


@pytest.mark.parametrize("name", ["Sentiment", "Tokens", "Attention"])
@pytest.mark.parametrize(
    "nothing",
    [message(), message(content=" \n"), forwarded(), message(embeds=[{"type": "image", "url": "https://x.example/1"}])],
)
async def test_nothing_to_see(discord: Discord, name: str, nothing: Json) -> None:
    refused = await discord.menu(name, nothing)
    assert refused.steps == ["callback 4"] and "no text to look at" in refused.text


CARDS = [
    ("sentiment", WORDS),
    ("tokens", WORDS),
    ("attention", WORDS),
    ("unmask", {"text": "the cat ___"}),
]


@pytest.mark.parametrize(("command", "options"), CARDS, ids=[name for name, _ in CARDS])
async def test_a_card_is_read_as_the_text_that_it_is_about(
    core: Core, discord: Discord, command: str, options: dict[str, str]
) -> None:
    card = await discord.command(command, **options)
    read = await discord.menu("Tokens", card.message)
    (about,) = re.findall(r"^`(.*)`$", card.text, re.M)
    count = len((await core.tokens(about)).ids)
    assert f"`{about}`" in read.text and read.text.startswith(f"### {count} tokens; ")


async def test_a_card_of_several_texts_is_read_as_these(discord: Discord) -> None:
    card = await discord.command("sentiment", text="the cat\nbad film")
    read = await discord.menu("Tokens", card.message)
    assert "`the cat bad film`" in read.text and "POSITIVE" not in read.text


async def test_a_card_that_does_not_show_its_text_exactly_is_read_as_people_see_it(discord: Discord) -> None:
    for command, options in (("tokens", {"text": "the  cat"}), ("lab", {}), ("info", {}), ("help", {})):
        card = await discord.command(command, **options)
        read = await discord.menu("Sentiment", card.message)
        assert read.steps == ["callback 5", "PATCH"], (command, read.text)


async def test_the_card_of_another_bot_is_an_ordinary_message(discord: Discord) -> None:
    card = await discord.command("tokens", text="the cat")
    read = await discord.menu("Tokens", {**card.message, "author": {**card.message["author"], "id": "8"}})
    assert card.message["author"]["id"] == APPLICATION and "`the cat`\n" not in read.text


MARKS = ["<@{}>", "<@!{}>", "<@&{}>", "<#{}>", "<:name:{}>", "<a:name:{}>", "</name:{}>", "<id:name:{}>"]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=20), st.sampled_from(MARKS), st.integers(10**14, 10**20 - 1)), min_size=1),
    st.sampled_from(["content", "description", "poll", "component", "forwarded"]),
)
def test_no_id_is_ever_read(said: list[tuple[str, str, int]], where: str) -> None:
    text = "".join(f"{before}{mark.format(id)}" for before, mark, id in said)
    asked = {
        "content": message(content=text),
        "description": message(embeds=[{"type": "rich", "description": text}]),
        "poll": message(poll={**POLL, "question": {"text": text}}),
        "component": shown(display(text)),
        "forwarded": forwarded(content=text),
    }[where]
    seen = visible_text(asked)
    assert not [id for before, _, id in said if str(id) in seen and str(id) not in before]
