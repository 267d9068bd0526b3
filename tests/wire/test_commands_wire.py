"""The bot itself, logged in to a local Discord: its commands over real HTTP and a real WebSocket."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import discord
import pytest

import bot.client.bot
from bot.client.bot import Bot, serve
from bot.client.errors import MARK
from bot.playground import LocalDiscord
from bot.playground.api.rules import SELECT, walk
from bot.playground.ask import ask
from bot.playing import ask_once
from core import Core
from core.results import Drawing
from tests.wire.hosting import control, hosted, settings, texts
from tests.wire.protocol.openapi import answer_problems, problems

ROOT = Path(__file__).parents[2]
TEXT = "The cat sat on the mat because it was tired."
COMMANDS = {"sentiment": TEXT, "unmask": "The cat ___ on the <mask>.", "tokens": TEXT, "attention": TEXT}


def in_order(local: LocalDiscord) -> bool:
    """Whether everything that the bot sent, and heard, is as Discord describes it."""
    found = [*problems(local.requests), *answer_problems(local.requests)]
    assert not found
    return True


@pytest.mark.parametrize("where", ["server", "dm", "elsewhere"])
async def test_the_commands(local_discord: LocalDiscord, models: Path, where: Any) -> None:
    async with hosted(local_discord, models):
        for name, text in COMMANDS.items():
            exchange = await local_discord.command(name, {"text": text}, where=where)
            message = exchange.message
            assert message and exchange.steps == ["deferred", "edited"], name
            assert not exchange.private or where == "elsewhere"
            assert text.replace("___", "[MASK]").replace("<mask>", "[MASK]") in texts(message)
            (file,) = message["attachments"]
            assert file["filename"] == f"{name}.png" and len(file["description"]) > 40
            assert (await local_discord.attachment(file["url"])).startswith(b"\x89PNG")
    assert in_order(local_discord)


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_control_of_every_card(local_discord: LocalDiscord, models: Path, name: str) -> None:
    async with hosted(local_discord, models):
        card = (await local_discord.command(name, {"text": COMMANDS[name]})).message
        assert card
        controls = [part for _, part in walk(card["components"]) if "custom_id" in part]
        assert controls
        for part in controls:
            local_discord.world.put(card)  # as it was before somebody pressed something else
            values = [part["options"][-1]["value"]] if part["type"] == SELECT else None
            exchange = await local_discord.press(card, part["custom_id"], values)
            assert not exchange.failed and (exchange.message or exchange.modal), part["custom_id"]
            assert not (exchange.message and MARK in exchange.message["content"]), exchange.message
    assert in_order(local_discord)


async def test_two_people_explore_the_same_card(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        card = (await local_discord.command("attention", {"text": TEXT, "layer": 1})).message
        assert card
        pressed = await asyncio.gather(
            local_discord.press(card, control(card, "layer"), ["1"], user="alice"),
            local_discord.press(card, control(card, "layer"), ["2"], user="bob"),
            local_discord.press(card, control(card, "numbers"), user="bob"),
        )
        for exchange in pressed:
            assert not exchange.failed and exchange.message
        assert all(exchange.steps == ["deferred", "edited"] for exchange in pressed)
        assert "Layer" in local_discord.world.messages[card["id"]]["attachments"][0]["description"]
    assert in_order(local_discord)


async def test_a_second_start_registers_nothing(local_discord: LocalDiscord, models: Path) -> None:
    for _ in range(2):
        async with hosted(local_discord, models):
            pass
    assert [request.method for request in local_discord.requests if "commands" in request.route] == [
        "GET",
        "PUT",
        "GET",
    ]
    assert in_order(local_discord)


async def test_commands_of_a_test_server(local_discord: LocalDiscord, models: Path) -> None:
    guild = local_discord.world.server.guild
    assert guild
    async with hosted(local_discord, models, dev_guild=int(guild["id"])):
        assert (await local_discord.command("tokens", {"text": TEXT})).steps == ["deferred", "edited"]
        assert not local_discord.world.commands.get(None)
    async with hosted(local_discord, models, dev_guild=int(guild["id"])):
        pass
    assert [request.method for request in local_discord.requests].count("PUT") == 1


async def test_refusals_and_failures(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models) as running:
        await running.core.warm_up()
        for name, options, sentence, steps in (
            ("unmask", {"text": TEXT}, "no mask", ["replied"]),
            ("unmask", {"text": "z " * 59 + "___"}, "62 tokens", ["replied"]),
            ("attention", {"text": TEXT, "layer": 9}, "has 3 layers", ["replied"]),
            (
                "attention",
                {"text": TEXT, "view": "token", "token": 99},
                "tokens",
                ["deferred", "deleted", "followed up"],
            ),
        ):
            exchange = await local_discord.command(name, options)
            assert exchange.message and sentence in exchange.message["content"]
            assert exchange.steps == steps and exchange.private
    assert in_order(local_discord)


class Held(Core):
    """A core whose pictures wait until they are let go."""

    drawing: asyncio.Event
    go: asyncio.Event

    async def draw(self, view: Any) -> Drawing:
        self.drawing.set()
        await self.go.wait()
        return await super().draw(view)


async def test_what_was_asked_before_the_end_is_answered(local_discord: LocalDiscord, models: Path) -> None:
    wanted, stop = settings(models), asyncio.Event()
    async with Held.open(wanted.core()) as core:
        core.drawing, core.go = asyncio.Event(), asyncio.Event()
        with local_discord.in_use():
            running = asyncio.create_task(serve(Bot(core, wanted, guild_ready_timeout=0.1), local_discord.token, stop))
            await local_discord.online()
            asked = asyncio.create_task(local_discord.command("sentiment", {"text": TEXT}))
            await core.drawing.wait()
            stop.set()
            await asyncio.sleep(0)
            late = await local_discord.command("tokens", {"text": TEXT})
            assert late.message and "restarting" in late.message["content"] and late.private
            assert not running.done() and not asked.done()
            core.go.set()
            exchange = await asked
            await running
    assert exchange.steps == ["deferred", "edited"] and exchange.message and exchange.message["attachments"]
    assert not local_discord.gateway.online


async def test_stopped_while_it_starts(local_discord: LocalDiscord, models: Path) -> None:
    stop = asyncio.Event()
    async with Core.open(settings(models).core()) as core:
        with local_discord.in_use():
            stop.set()
            await serve(Bot(core, settings(models), guild_ready_timeout=0.1), local_discord.token, stop)


async def test_a_rejected_token_ends_the_bot(local_discord: LocalDiscord, models: Path) -> None:
    wanted = settings(models)
    async with Core.open(wanted.core()) as core:
        with local_discord.in_use(), pytest.raises(discord.LoginFailure):
            await serve(Bot(core, wanted), "not a token", asyncio.Event())


async def test_a_broken_cog_ends_the_bot(
    local_discord: LocalDiscord, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a bot would unregister the other half."""
    monkeypatch.setattr(bot.client.bot, "COGS", (*bot.client.bot.COGS[:2], "cogs.missing"))
    with pytest.raises(discord.ext.commands.ExtensionNotFound):
        async with hosted(local_discord, models):
            pass
    assert "PUT" not in {request.method for request in local_discord.requests}
    with pytest.raises(discord.ext.commands.ExtensionNotFound):
        await ask_once(settings(models), f"/tokens text:{TEXT}", None)


async def test_ask(local_discord: LocalDiscord, models: Path, tmp_path: Path) -> None:
    said: list[str] = []
    async with hosted(local_discord, models):
        assert await ask(local_discord, f"/attention text:{TEXT} layer:2", tmp_path, say=said.append) == 0
        assert await ask(local_discord, f"/unmask text:{TEXT}", tmp_path, say=said.append) == 1
        assert await ask(local_discord, "/sing", tmp_path, say=said.append) == 1
    answer, _, refusal, unknown = said
    assert f"`{TEXT}`" in answer and "[picture attention.png: " in answer and "Controls: [" in answer
    assert "no mask" in refusal and "/attention" in unknown
    assert await asyncio.to_thread(os.listdir, tmp_path) == ["attention.png"]


async def test_ask_in_one_go(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await ask_once(settings(models), f"/tokens text:{TEXT}", tmp_path) == 0
    assert "13 tokens" in capsys.readouterr().out
    assert await ask_once(settings(models), "/tokens text: ", None) == 1


def test_run_without_a_token_says_what_to_do(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DISCORD_")}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (78, "")
    (line,) = done.stderr.splitlines()
    assert "DISCORD_TOKEN" in line and "attention-bot play" in line


async def test_no_answer_leaves_the_loop_waiting(local_discord: LocalDiscord, models: Path) -> None:
    """Everything slow runs elsewhere: while a card is made, the loop goes on turning."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with hosted(local_discord, models) as running:
        await running.core.warm_up()
        turning = asyncio.create_task(turn())
        await local_discord.command("attention", {"text": TEXT})
        turning.cancel()
    assert turns > 100
