"""Every way in which a bot answers a command, and what people then see."""

from __future__ import annotations

import io

import discord
import pytest
from PIL import Image

from bot.playground import Exchange, LocalDiscord, world
from bot.playground.payloads import USE_EXTERNAL_APPS
from bot.playground.world import COMPONENTS_V2, LOADING, Where
from tests.wire.protocol.sample_bot import SampleBot

pytestmark = pytest.mark.usefixtures("sample_bot")


def content(exchange: Exchange) -> str:
    assert exchange.message is not None
    return exchange.message["content"]


async def test_an_answer_at_once_and_a_private_follow_up(local_discord: LocalDiscord) -> None:
    exchange = await local_discord.command("direct")
    await local_discord.until(lambda: exchange.answers == 3)
    assert exchange.steps == ["replied", "followed up", "edited"]
    answer, more = exchange.messages
    assert exchange.message is answer
    assert (answer["content"], exchange.private, answer["edited_timestamp"]) == ("hello", False, None)
    assert (more["content"], more["flags"]) == ("even more", 64)
    assert more["edited_timestamp"] is not None
    assert answer["embeds"][0]["image"]["url"] == answer["attachments"][0]["url"]


async def test_thinking_becomes_the_answer(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    sample_bot.hold.clear()
    exchange = local_discord.people.command("slow", {"how": "defer wait edit"})
    await exchange.first()
    assert exchange.message is not None
    assert exchange.message["flags"] & LOADING
    sample_bot.hold.set()
    thinking = exchange.message
    await exchange.final()
    assert exchange.message == thinking | {"flags": 0, "content": "edited"}
    assert exchange.steps == ["deferred", "edited"]


async def test_the_first_follow_up_after_a_deferral_is_the_answer(local_discord: LocalDiscord) -> None:
    exchange = await local_discord.command("slow", {"how": "defer follow follow"})
    await local_discord.until(lambda: exchange.answers == 3)
    answer, second = exchange.messages
    assert (answer["id"], answer["flags"], answer["content"]) == (exchange.original, 0, "followed")
    assert second["content"] == "followed"


async def test_files_are_kept_by_id(local_discord: LocalDiscord) -> None:
    exchange = await local_discord.command("draw", {"text": "x"})
    assert exchange.message
    (first,) = exchange.message["attachments"]
    assert (first["description"], first["content_type"], first["width"], first["height"]) == (
        "alt text",
        "image/png",
        60,
        40,
    )
    await local_discord.until(lambda: exchange.answers == 3)
    kept, second = exchange.message["attachments"]
    assert kept == first
    assert second["filename"] == "two.png"
    picture = Image.open(io.BytesIO(await local_discord.attachment(second["url"])))
    assert picture.size == (60, 40)


@pytest.mark.parametrize("private", [False, True])
async def test_a_card_with_a_picture(local_discord: LocalDiscord, private: bool) -> None:
    exchange = await local_discord.command("card", {"private": private})
    assert exchange.message and exchange.private is private
    assert exchange.message["flags"] & COMPONENTS_V2
    (container,) = exchange.message["components"]
    kinds = [part["type"] for part in container["components"]]
    assert kinds == [10, 12, 14, 9, 1]
    ids = [container["id"], *(part["id"] for part in container["components"])]
    assert ids == sorted(set(ids))
    item = container["components"][1]["items"][0]
    (attachment,) = exchange.message["attachments"]
    assert (item["media"]["url"], item["description"]) == (attachment["url"], "a red picture")
    assert attachment.get("ephemeral", False) is private


async def test_an_answer_taken_back_and_explained_in_private(local_discord: LocalDiscord) -> None:
    exchange = await local_discord.command("gone")
    assert (content(exchange), exchange.private, len(exchange.messages)) == ("sorry", True, 1)
    assert exchange.steps == ["deferred", "deleted", "followed up"]


async def test_an_answer_taken_back(local_discord: LocalDiscord) -> None:
    exchange = await local_discord.command("gone", {"explain": False})
    assert (exchange.message, exchange.failed) == (None, None)


@pytest.mark.parametrize("where", ["server", "dm", "elsewhere"])
async def test_commands_work_everywhere(local_discord: LocalDiscord, where: Where) -> None:
    exchange = await local_discord.command("lab weights", {"seed": 3}, user="bob", where=where)
    place = local_discord.world.place(where, local_discord.world.person("bob"))
    assert content(exchange) == f"seed 3 in {place.guild and place.guild['id']}"
    assert exchange.message and exchange.message["channel_id"] == place.channel["id"]
    assert exchange.message["interaction"]["name"] == "lab weights"


@pytest.mark.parametrize("where", ["server", "elsewhere"])
async def test_an_app_that_may_not_speak_aloud_answers_only_its_person(
    local_discord: LocalDiscord, where: Where
) -> None:
    bob = local_discord.world.person("bob")
    local_discord.world.denied[bob["id"]] = USE_EXTERNAL_APPS
    exchange = await local_discord.command("lab weights", {"seed": 3}, user="bob", where=where)
    assert exchange.private == (where == "elsewhere")
    assert not (await local_discord.command("lab weights", {"seed": 3}, user="alice", where=where)).private


async def test_every_kind_of_option_arrives(local_discord: LocalDiscord) -> None:
    assert content(await local_discord.command("options", {"text": "abc"})) == str(
        ("abc", 5, 0.5, False, "s", None, "")
    )
    given = {"text": "abcd", "count": "0", "share": 1, "loud": True, "model": "Big", "who": "bob", "layer": "2"}
    said = ("abcd", 0, 1.0, True, "b", "bob", "2")
    assert content(await local_discord.command("options", given)) == str(said)


async def test_menus_on_messages_and_people(local_discord: LocalDiscord) -> None:
    message = local_discord.say("hi there", user="bob")
    assert content(await local_discord.command("Repeat", target=message)) == "Bob said: hi there"
    assert content(await local_discord.command("Greet", target=message["author"], user="bob")) == "hello bob"


@pytest.mark.parametrize("ping", [True, False])
async def test_mentions_ping_only_where_allowed(local_discord: LocalDiscord, ping: bool) -> None:
    exchange = await local_discord.command("shout", {"ping": ping})
    assert exchange.message
    assert exchange.message["mention_everyone"] is ping
    assert [user["username"] for user in exchange.message["mentions"]] == ["alice"] * ping


async def test_the_bot_may_write_where_it_is_but_nowhere_else(
    local_discord: LocalDiscord, sample_bot: SampleBot
) -> None:
    here = local_discord.world
    channel = sample_bot.get_partial_messageable(int(here.server.channel["id"]))
    message = await channel.send("unasked", file=discord.File(io.BytesIO(b"a,b"), "table.csv"))
    assert here.messages[str(message.id)]["attachments"][0]["content_type"] == "text/csv"
    elsewhere = here.place("elsewhere", here.users[0])
    with pytest.raises(discord.Forbidden, match="Missing Access"):
        await sample_bot.get_partial_messageable(int(elsewhere.channel["id"])).send("unasked")


async def test_old_messages_are_forgotten_but_none_that_is_awaited(
    local_discord: LocalDiscord, sample_bot: SampleBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "MESSAGES_KEPT", 3)
    sample_bot.hold.clear()
    waiting = local_discord.people.command("slow", {"how": "defer wait edit"})
    await waiting.first()
    cards = [await local_discord.command("card") for _ in range(5)]
    assert [card.message is None for card in cards] == [True, True, True, False, False]
    assert len(local_discord.world.files) == 2
    sample_bot.hold.set()
    assert content(await waiting.final()) == "edited"


async def test_many_at_once(local_discord: LocalDiscord) -> None:
    exchanges = [local_discord.people.command("draw", {"text": str(n)}) for n in range(50)]
    for number, exchange in enumerate(exchanges):
        assert content(await exchange.final()) == f"done {number}"
