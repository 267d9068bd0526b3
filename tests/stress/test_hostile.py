"""Some hostile folders through the real tree; `make hostile` meets them all."""

from __future__ import annotations

from pathlib import Path

from tests.stress import hostile_folders
from tests.stress.hostile import meet, opened

READ = "The model {} has no tokenizer that can be read: ask the bot's host to choose another."
FILE = "The model {} has a file that cannot be used, %s: ask the bot's host to mend it."
FAILS = "The tokenizer of {} fails on that text: try another text, or another model."
LOADS = "The model set for {command} cannot be used for that: ask the bot's host, who finds the reason in the log."
UNSAFE = (
    "The model {} has no safetensors weights, and others may run code when they are read: "
    "ask the bot's host to choose another."
)

SAID = {  # to /sentiment, beside answers
    "tokenizer-regex-without-end": FAILS,  # on a text that nobody could try beforehand
    "tokenizer-charsmap": READ,
    "tokenizer-charsmap-of-millions": READ,
    "tokenizer-chunks-of-nothing": READ,
    "tokenizer-millions-for-a-letter": READ,
    "tokenizer-doubling": READ,
    "tokenizer-millions-special": READ,
    "tokenizer-hundreds-special-for-one": READ,
    "tokenizer-long-token": READ,
    "tokenizer-gigabytes": READ,
    "tokenizer-ends-its-process": READ,
    "tokenizer-nested": READ,
    "options-many-tokens": READ,
    "options-many-names": READ,
    "map-many-tokens": READ,
    "added-many-tokens": READ,
    "tokenizer-many-added": READ,
    "weights-nan": LOADS,
    "weights-infinite": LOADS,
    "weights-pickle": UNSAFE,
    "code-of-its-own": READ,
    "config-without-end": FILE % "config.json",
    "config-nested": FILE % "config.json",
    "config-vocab_size-0": FILE % "config.json (vocab_size)",
    "options-limit-a-word": FILE % "tokenizer_config.json (model_max_length)",
    "options-limit-one": FILE % "tokenizer_config.json (model_max_length)",
    "options-limit-two": FILE % "tokenizer_config.json (model_max_length)",
    "options-limit-half": FILE % "tokenizer_config.json (model_max_length)",
}


async def test_a_hostile_folder_is_refused_in_one_sentence_and_runs_nothing(models: Path, tmp_path: Path) -> None:
    built = {folder.name: folder for folder in hostile_folders.build(models / "bert-classifier", tmp_path)}
    async with opened([built[name] for name in SAID]) as (discord, tracebacks):
        for name, sentence in SAID.items():
            rows = await meet(discord, tracebacks, built[name])
            assert all(right for _, _, right in rows), rows
            told = {said for command, said, _ in rows if command == "sentiment" and said != "an answer"}
            assert told == {sentence.format(name, command="sentiment")}


async def test_a_harmless_folder_is_answered(models: Path) -> None:
    async with opened([models / "bert-classifier"]) as (discord, tracebacks):
        rows = await meet(discord, tracebacks, models / "bert-classifier")
    assert {command for command, said, _ in rows if said == "an answer"} == {"tokens", "sentiment", "attention"}
