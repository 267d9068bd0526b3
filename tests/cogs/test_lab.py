"""/lab, over the wire: typed in a local Discord, answered by the real bot."""

from __future__ import annotations

import asyncio

from bot.client.bot import Bot, serve
from bot.playground import LocalDiscord
from bot.playground.ask import ask
from bot.settings import Settings
from core import Core, CoreSettings

COMMANDS = ("sentiment_model", "unmask_model", "tokens_model", "attention_model")


async def test_the_lab_answers_with_a_picture_or_a_sentence(tmp_path):
    folders = dict.fromkeys(COMMANDS, str(tmp_path))  # nobody asks a model here
    stop, said = asyncio.Event(), []
    async with LocalDiscord.open() as local, Core.open(CoreSettings(threads=1, **folders)) as core:
        with local.in_use():
            running = asyncio.create_task(serve(Bot(core, Settings(), guild_ready_timeout=0.1), local.token, stop))
            await local.online()
            answered = await ask(local, "/lab", tmp_path / "out", say=said.append)
            typed = await ask(local, "/lab query:1 0; 0 1 mask:causal", say=said.append)
            named = await ask(local, "/lab kind:additive names:le chat; the cat sat against:dot", say=said.append)
            refused = await ask(local, "/lab query:1 0; 0", say=said.append)
            stop.set()
            await running
    assert (answered, typed, named, refused) == (0, 0, 0, 1)
    picture, _, causal, compared, complaint = said
    assert "Weights: q₁ 0.302 0.310 0.388" in picture and "As text" in picture
    assert (tmp_path / "out" / "lab.png").read_bytes().startswith(b"\x89PNG")
    assert "q₁ 1 0; q₂ 0.330 0.670" in causal
    assert "`le` looks at `cat`" in compared and "by additive" in compared and "by dot product" in compared
    assert "rows of the query have different lengths" in complaint
