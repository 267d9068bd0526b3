"""One line in, readable text and pictures out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.playground import LocalDiscord, Refused
from bot.playground.ask import ask
from bot.playground.client.composer import parse
from bot.playground.client.forms import Slash
from bot.playground.client.reading import plain
from tests.wire.protocol.sample_bot import SampleBot

ATTENTION = Slash(
    "attention",
    {
        "options": [
            {"name": "text", "type": 3, "required": True},
            {"name": "layer", "type": 4},
            {"name": "head", "type": 4},
        ],
        "description": "where each token looks",
    },
)
TOKENS = Slash(
    "tokens",
    {
        "options": [
            {"name": "text", "type": 3, "required": True},
            {"name": "compare", "type": 3},
            {"name": "decode", "type": 5},
            {"name": "theme", "type": 3, "choices": [{"name": "Dark", "value": "dark"}]},
            {"name": "share", "type": 10},
            {"name": "private", "type": 5},
        ],
        "description": "how a text is cut",
    },
)
ROOT = Path(__file__).parents[2]
LAB = Slash("lab weights", {"options": []}, ({"name": "weights", "description": "d", "options": []},))


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("/attention text:The cat sat layer:2", {"text": "The cat sat", "layer": "2"}),
        ("attention  layer:2 text: The cat sat ", {"text": "The cat sat", "layer": "2"}),
        ("/attention The cat sat layer:2", {"text": "The cat sat", "layer": "2"}),
        ("/attention text:at 10:30 in player:one", {"text": "at 10:30 in player:one"}),
        ("/attention text:layer cake", {"text": "layer cake"}),
        ("/attention text:a\nb", {"text": "a\nb"}),
        ("/attention", {}),
        ("/lab weights", {}),
    ],
)
def test_a_line_is_read_as_the_composer_reads_it(line: str, options: dict[str, str]) -> None:
    slash, read = parse(line, [ATTENTION, LAB])
    assert (slash, read) == (LAB if "lab" in line else ATTENTION, options)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("/tokens text:Note that private: keys matter", {"text": "Note that private: keys matter"}),
        ("/tokens Note that private: keys matter", {"text": "Note that private: keys matter"}),
        ("/tokens text:a theme: of hope", {"text": "a theme: of hope"}),
        ("/tokens text:a theme: dark", {"text": "a", "theme": "dark"}),
        ("/tokens text:their share: half", {"text": "their share: half"}),
        ("/tokens text:their share: 0.5", {"text": "their", "share": "0.5"}),
        ("/tokens text:the cat private: true", {"text": "the cat", "private": "true"}),
        ("/tokens text:the cat decode: False private:True", {"text": "the cat", "decode": "False", "private": "True"}),
        ("/tokens text:a private: key decode:true", {"text": "a private: key", "decode": "true"}),
        ("/tokens text:a text: b", {"text": "a text: b"}),
        ("/tokens private:true text:keys private:false", {"private": "true", "text": "keys private:false"}),
        ("/tokens text:the cat private:maybe", {"text": "the cat", "private": "maybe"}),  # refused, with the reason
        ("/tokens text:the cat compare: gpt2", {"text": "the cat", "compare": "gpt2"}),
        (r"/tokens text:I compare\: this", {"text": "I compare: this"}),
        (r"/tokens text:private\:true private:true", {"text": "private:true", "private": "true"}),
        (r"/tokens text:C\: and \n and other\:", {"text": r"C\: and \n and other\:"}),
        ("/tokens text:it costs $20 and $(date)", {"text": "it costs $20 and $(date)"}),
    ],
)
def test_a_name_within_a_text_is_an_option_only_where_it_can_be_one(line: str, options: dict[str, str]) -> None:
    assert parse(line, [TOKENS]) == (TOKENS, options)


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
@pytest.mark.parametrize("how", ["argument", "environment"])
@pytest.mark.parametrize("name", ["ASK", "OUT"])
def test_make_hands_a_line_on_as_it_was_typed(tmp_path: Path, how: str, name: str) -> None:
    typed = '/tokens text:it\'s "$20" or $$5, $(shell echo no) ${HOME} `x` \\{ # 100% \\\\ %'
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    python.chmod(0o700)
    make = ["make", "--silent", "--no-print-directory", "--old-file=.venv/ready", f"BIN={tmp_path}", "ask"]
    given = [f"{name}={typed}"] if how == "argument" else []
    env = {**os.environ, name: typed} if how == "environment" else None
    told = subprocess.run([*make, *given], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    _, _, command, line, out, folder = json.loads(told)
    assert (command, out) == ("ask", "--out")
    assert {"ASK": line, "OUT": folder}[name] == typed


@pytest.mark.parametrize(
    ("line", "meant"), [("/atention The cat", "attention"), ("tokenz x", "tokens"), ("/lab", "lab weights")]
)
def test_a_mistyped_command_names_the_one_that_was_meant(line: str, meant: str) -> None:
    with pytest.raises(Refused, match=rf"There is no command /\w+\. Did you mean /{meant}\? These are:"):
        parse(line, [ATTENTION, TOKENS, LAB])


@pytest.mark.parametrize("line", ["", "/", "/attentio text:x", "/attentions", "/lab", "hello"])
def test_an_unknown_command_lists_the_commands(line: str) -> None:
    with pytest.raises(Refused, match=r"(?s)no command.*/attention – where each token looks.*/lab weights"):
        parse(line, [ATTENTION, LAB])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/lab weights seven", "has no options: leave out “seven”"),
        ("/attention words text:more", "belongs to no option"),
    ],
)
def test_words_that_belong_to_no_option(line: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse(line, [ATTENTION, LAB])


@given(st.text().map(str.strip).filter(lambda text: text and ":" not in text), st.integers())
def test_any_text_arrives_as_it_was_typed(text: str, layer: int) -> None:
    assert parse(f"/attention text:{text} layer:{layer}", [ATTENTION]) == (
        ATTENTION,
        {"text": text, "layer": str(layer)},
    )


async def asked(local: LocalDiscord, line: str, out: Path | None = None) -> tuple[int, str]:
    said: list[str] = []
    return await ask(local, line, out, say=said.append), "\n".join(said)


async def test_a_card_is_printed_and_its_picture_saved(
    local_discord: LocalDiscord, sample_bot: SampleBot, tmp_path: Path
) -> None:
    code, text = await asked(local_discord, "/card", tmp_path / "new" / "folder")
    path = tmp_path / "new" / "folder" / "out.png"
    with Image.open(path) as picture:
        assert (code, picture.size) == (0, (60, 40))
    assert text.splitlines() == [
        "# Heat map",
        "[picture out.png: a red picture]",
        "",
        "More",
        "Controls: [Paper]",
        "Controls: [Next]",
        f"Saved {path}",
    ]


async def test_a_plain_answer_is_printed_with_its_controls(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    code, text = await asked(local_discord, "/direct")
    assert code == 0
    assert text.splitlines()[:5] == [
        "hello",
        "t",
        "d",
        "Controls: [Again]  [Draw]  [Think]  [Off] (off)",
        "Controls: [Layer: *Layer 0*, Layer 1, Layer 2]",
    ]


async def test_private_answers_say_so(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    code, text = await asked(local_discord, "/options text:abc")
    assert (code, text.splitlines()[0]) == (0, "(only you can see this)")


async def test_a_form_is_announced(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    assert await asked(local_discord, "/form") == (0, "The bot opens a form: A question. The page can fill it in.")


async def test_what_is_told_meanwhile_is_not_the_answer(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        sample_bot.hold.set()

    sample_bot.hold.clear()
    assert await ask(local_discord, "/slow how:defer tell wait edit", say=say) == 0
    assert said == ["⏳ not yet", "edited"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/options text:ab", "between 3 and 8 characters; these are 2"),
        ("/options text:abc count:x", "count: write a whole number"),
        ("/options text:abc count:11", "count: write a number between 0 and 10"),
        ("/options text:abc share:nan", "share: write a number"),
        ("/options text:abc loud:maybe", "loud: choose True or False"),
        ("/options text:abc model:Huge", "model: choose one of Small, Big"),
        ("/options text:abc who:eve", "Nobody here is called eve"),
        ("/options", "text: this option is required"),
        ("/optionz", "/options – every kind of option"),
        ("/gone explain:false", "took its answer back"),
    ],
)
async def test_what_is_refused_ends_with_1(
    local_discord: LocalDiscord, sample_bot: SampleBot, line: str, reason: str
) -> None:
    code, text = await asked(local_discord, line)
    assert code == 1
    assert reason in text


def test_the_terminal_is_not_steered() -> None:
    assert plain("a\x1b[2Jb\x9bc\r\nd\te😀") == "a�[2Jb�c�\nd\te😀"
