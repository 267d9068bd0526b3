"""Numbers to take away, and the way back from their recipe."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bot.playground import LocalDiscord
from bot.playground.payloads import Json

from .hosting import control, hosted

TEXT = "the cat sat on the mat"


async def test_the_button_gives_three_files_and_their_recipe_gives_the_picture(
    local_discord: LocalDiscord, models: Path
) -> None:
    asked: Json = {"text": TEXT, "second": "it was tired", "layer": 2, "head": 1, "view": "norms", "shown": "ab"}
    async with hosted(local_discord, models):
        card = (await local_discord.command("attention", asked)).message
        assert card
        taken = (await local_discord.press(card, control(card, "take"))).message
        assert taken and taken["flags"] & 64  # only for the person who pressed
        files = {one["filename"]: one["url"] for one in taken["attachments"]}
        assert list(files) == ["attention.csv", "attention.npz", "attention.html", "attention.svg"]
        page = (await local_discord.attachment(files["attention.html"])).decode()
        found = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
        assert found
        recipe = json.loads(found[1].replace("&quot;", '"'))
        again = {name: recipe[name] for name in ("text", "layer", "head", "view", "shown")}
        copy = (await local_discord.command("attention", again)).message
        assert copy
        pictures = [await local_discord.attachment(one["attachments"][0]["url"]) for one in (card, copy)]
        assert pictures[0] == pictures[1]


async def test_an_exercise_can_be_taken_away(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        card = (await local_discord.command("lab", {"query": "1 0; 0 1", "mask": "causal"})).message
        assert card
        taken = (await local_discord.press(card, control(card, "take"))).message
        assert taken
        table = await local_discord.attachment(taken["attachments"][0]["url"])
        assert table.decode("utf-8-sig").splitlines()[1].startswith("weights 1,1.0,0.0")
