"""What the teacher's page quotes is what the bundled models say: each of its commands is asked again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.playground import LocalDiscord
from bot.playground.ask import ask
from bot.playing import _bot_in
from bot.settings import Settings
from core import Core, CoreSettings
from core.render import BottleneckView, SaturationView

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
COMMAND, QUOTED = re.compile(r"(?<!`)`(/[^`]+)`"), re.compile(r"\*\*(.+?)\*\*")
SECTIONS = [part for part in re.split(r"(?m)^##+ ", PAGE)[1:] if QUOTED.search(part)]


async def test_every_figure_in_bold_is_on_a_card_of_its_section() -> None:
    assert len(SECTIONS) > 6
    settings = Settings.load({"RUNNER": "thread"}, Path("there-is-none"))
    async with LocalDiscord.open() as local, _bot_in(local, settings, guild_ready_timeout=0.1):
        await local.online()
        for section in SECTIONS:
            told = list[str]()
            for line in dict.fromkeys(COMMAND.findall(section)):
                assert await ask(local, line.replace(r"\|", "|"), say=told.append) == 0, line
            answers = "\n".join(told)
            for quoted in QUOTED.findall(section):
                assert quoted in answers, f"{section.splitlines()[0]}: {quoted}"


async def test_figures_of_answers_behind_a_button_are_those_of_the_core() -> None:
    async with Core.open(CoreSettings.bundled()) as core:
        found = SaturationView(await core.saturation()).finding()
        squeezed = BottleneckView(await core.bottleneck("we walked to the old house near the river and had some tea"))
    figures = re.findall(r"\d\.\d\d", found)
    assert len(figures) == 4 and all(figure in PAGE for figure in figures)
    assert "13 words: 100% come right looking back, 15% through one vector" in squeezed.finding()
    assert "of 13 words, 15% come right; looking back, 100%" in " ".join(PAGE.split())


@pytest.mark.parametrize("name", re.findall(r"\]\(([^)]+)\)", PAGE))
def test_links_lead_somewhere(name: str) -> None:
    assert (ROOT / "docs" / name).exists()
