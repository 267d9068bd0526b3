"""*How was this number made?*: from a picture of one token to query times key, and on to the other keys."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncGenerator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from bot.client.errors import MARK
from bot.playground.api import rules
from core import Core, CoreSettings
from core.reading.tokenizers.tokenizer import PAIR_SEPARATOR
from tests.cogs.cards.test_word import TEXT, told
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.requests.test_presses import alt

WAYS: dict[str, dict[str, Any]] = {
    "a text": {"text": TEXT, "word": "it"},
    "arcs": {"text": TEXT, "view": "arcs", "layer": 4, "head": 2},
    "a pair": {"text": "It was tired.", "second": "It slept.", "layer": 2, "head": 3, "view": "token"},
    "left to right": {"text": "I would like a cup of", "model": "bundled/gpt-mini", "word": "cup"},
    "what it wrote": {"text": "I love it", "model": "bundled/reverser", "layer": 1, "head": 2, "view": "token"},
    "what it is made to write": {
        "text": f"I love it {PAIR_SEPARATOR} it love I",
        "model": "bundled/reverser",
        "layer": 1,
        "head": 2,
        "view": "token",
    },
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bundled() -> AsyncGenerator[Discord]:
    async with Core.open(CoreSettings.bundled()) as core, Discord(core).logged_in() as discord:
        yield discord


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def made(discord: Discord, card: Exchange) -> Exchange:
    assert not list(rules.message_problems(card.message))
    answer = await discord.press(card, card.control("made"))
    assert answer.private and not answer.text.startswith(MARK), answer.text
    assert not list(rules.message_problems(answer.message))
    return answer


async def test_it_is_the_number_of_the_picture_that_it_is_asked_from(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT, word="it")
    other, share = told(card)
    answer = await made(bundled, card)
    assert answer.text.startswith(f"### `it` · `{other}`: ") and f"→ {share}% of the row" in answer.text
    assert f"“it” · “{other}”: " in alt(answer) and "Layer 4, head 2 · d = 32" in alt(answer)
    found = re.search(r": (\S+) ÷ √(\d+) = (\S+) →", answer.text)
    assert found and float(found[1]) / int(found[2]) ** 0.5 == pytest.approx(float(found[3]), abs=0.01)


@pytest.mark.parametrize("way", WAYS)
async def test_every_control_works_also_after_a_restart(bundled: Discord, way: str) -> None:
    card = await bundled.command("attention", **WAYS[way])
    answer = await made(bundled, card)
    bundled.bot.core._results._kept.clear()
    again = await made(bundled, card)
    assert (again.text, again.files) == (answer.text, answer.files)
    for custom_id, control in answer.controls.items():
        values = [option["value"] for option in control.get("options", [])][-1:]
        pressed = await bundled.press(answer, custom_id, *values)
        bundled.bot.core._results._kept.clear()
        later = await bundled.press(answer, custom_id, *values)
        assert (later.text, later.files) == (pressed.text, pressed.files), custom_id
        assert not pressed.text.startswith(MARK) or custom_id.startswith("lens:")


@pytest.mark.parametrize("side", ["cross", "encoder", "decoder"])
async def test_each_attention_of_a_model_with_a_decoder(bundled: Discord, side: str) -> None:
    card = await bundled.command("attention", text="I love it", model="bundled/reverser")
    card = await bundled.press(card, card.control("side"), side)
    card = await bundled.press(card, card.control("kind"), "token")
    card = await bundled.press(card, card.control("head"), "1")
    other, share = next(iter(re.findall(r"It looks at (\S+) ([\d.]+)%", alt(card))))
    answer = await made(bundled, card)
    option = next(one for one in answer.controls[answer.control("token")]["options"] if f" {other} " in one["label"])
    answer = await bundled.press(answer, answer.control("token"), option["value"])
    assert option["label"].endswith(f" · {share}%") and f"→ {share}% of the row" in answer.text


@pytest.mark.parametrize("side", ["first", "second"])
async def test_one_of_two_texts_whose_difference_is_shown(bundled: Discord, side: str) -> None:
    card = await bundled.command("attention", text="It was tired.", against="It was wide.", layer=2, head=1)
    assert not any(id.startswith("made:") for id in card.controls)
    card = await bundled.press(card, card.control("side"), side)
    card = await bundled.press(card, card.control("kind"), "token")
    card = await bundled.press(card, card.control("head"), "1")
    answer = await made(bundled, card)
    assert f"`It was {'tired' if side == 'first' else 'wide'}.`" in answer.text


async def test_another_text_is_not_asked_for_a_token_by_its_place(bundled: Discord) -> None:
    card = await bundled.command("attention", text="I love🤗 it so much", view="token", layer=1, head=1)
    assert card.control("rescue")
    answer = await made(bundled, card)
    assert not any(id.startswith("rescue:") for id in answer.controls)


async def test_a_mean_of_heads_is_of_no_one_product(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT, view="token", layer=1)
    assert not any(id.startswith("made:") for id in card.controls)


async def test_another_key_can_be_chosen(bundled: Discord) -> None:
    answer = await made(bundled, await bundled.command("attention", text=TEXT, word="it"))
    chosen = answer.controls[answer.control("token")]
    assert len(chosen["options"]) <= 25 and [one["label"] for one in chosen["options"] if one.get("default")] == [
        "3. animal · 67.1%"
    ]
    street = next(one["value"] for one in chosen["options"] if "street" in one["label"])
    other = await bundled.press(answer, answer.control("token"), street)
    assert other.text.startswith("### `it` · `street`: ") and other.steps == ["callback 6", "PATCH"]


async def test_of_many_keys_those_with_the_most_weight_are_offered(bundled: Discord) -> None:
    answer = await made(bundled, await bundled.command("attention", text=f"{TEXT} " * 6, view="token", layer=4, head=2))
    shares = [one["label"].rsplit(" · ", 1)[1] for one in answer.controls[answer.control("token")]["options"]]
    assert len(shares) == 25


async def test_its_numbers_can_be_taken_away(bundled: Discord) -> None:
    answer = await made(bundled, await bundled.command("attention", text=TEXT, word="it"))
    table = await bundled.press(answer, answer.control("numbers"))
    assert "dimension" in table.text
    taken = await bundled.press(answer, answer.control("take"))
    files = {name.rpartition(".")[2]: data for name, data in taken.files}
    assert files.keys() == {"csv", "npz", "html", "svg"}
    assert len(files["csv"].decode("utf-8-sig").splitlines()) == 1 + 32
    arrays = np.load(io.BytesIO(files["npz"]))
    scores = float(arrays["scale"]) * arrays["key"] @ arrays["query"] + arrays["added"]
    assert np.exp(scores) / np.exp(scores).sum() == pytest.approx(arrays["weights"], abs=1e-6)
    recipe = taken.text.partition("```json\n")[2].partition("\n```")[0]
    back = await bundled.command("attention", text=recipe)
    assert back.text.startswith("### Attention · One token") and told(back) == ("animal", 67.1)


@pytest.mark.parametrize("detail", ["token.3.-1.10.all..dark", "token.3.1.-1.all..dark", "token.99.1.1.all..dark"])
async def test_a_forged_place_is_refused(bundled: Discord, detail: str) -> None:
    card = await bundled.command("attention", text=TEXT, word="it")
    custom_id = card.control("made")
    forged = f"{custom_id.rpartition(':')[0]}:{detail}"
    card.controls[custom_id]["custom_id"] = forged
    refused = await bundled.press(card, forged)
    assert refused.private and refused.text.startswith(MARK)
