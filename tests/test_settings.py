"""Settings: from the environment, from `.env`, from files; every problem at once, and no secret in sight."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings, SettingsError, example, write_example
from core import CoreSettings

ROOT = Path(__file__).parents[1]
TOKEN = "MTIzNDU2Nzg5.GabcDE.0123456789-abcdefghij_ABCDEFGHIJ01234567"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def load(file: Path, **environment: str) -> Settings:
    return Settings.load(environment, file)


def test_without_anything_the_defaults_hold(file: Path) -> None:
    assert load(file) == Settings()


def test_the_example_names_every_setting_with_its_default(file: Path) -> None:
    written = example()
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == written
    file.write_text(written, encoding="utf-8")
    assert load(file) == Settings()
    lines = written.splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert lines[number - 1].startswith("# ") and lines[number - 1].endswith(".")


def test_a_first_file_is_written_for_its_owner_alone_and_never_over_another(file: Path) -> None:
    write_example(file)
    assert file.read_text(encoding="utf-8") == example() and load(file) == Settings()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text(f"DISCORD_TOKEN={TOKEN}\n")
    with pytest.raises(SettingsError, match="is there already and stays as it is"):
        write_example(file)
    assert load(file).token == TOKEN


def test_a_file_fills_in_what_the_environment_lacks(file: Path) -> None:
    file.write_text(f"DISCORD_TOKEN={TOKEN}\nDEVICE=cpu\nCPU_THREADS=3\n")
    settings = load(file, DEVICE="cuda:1", CPU_THREADS="", PLAY_PORT="9000")
    assert (settings.token, settings.device, settings.threads, settings.port) == (TOKEN, "cuda:1", 3, 9000)


@pytest.mark.parametrize("written", [TOKEN, f'"{TOKEN}"', f"'{TOKEN}'", f"  {TOKEN} ", f"'{TOKEN}' "])
def test_quotes_and_spaces_around_a_value_do_no_harm(file: Path, written: str) -> None:
    assert load(file, DISCORD_TOKEN=written).token == TOKEN
    file.write_text(f"DISCORD_TOKEN={written}\n")
    assert load(file).token == TOKEN


def test_a_value_from_a_file_of_its_own(file: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{TOKEN}\n")
    assert load(file, DISCORD_TOKEN_FILE=str(tmp_path / "secret")).token == TOKEN
    file.write_text(f"DISCORD_TOKEN=\nDISCORD_TOKEN_FILE={tmp_path / 'secret'}\n")
    assert load(file).token == TOKEN
    file.write_text("DISCORD_TOKEN=other.other.other\n")
    assert load(file, DISCORD_TOKEN_FILE=str(tmp_path / "secret")).token == TOKEN  # the environment comes first
    assert load(file, DISCORD_TOKEN_FILE=str(tmp_path / "secret"), DISCORD_TOKEN="a.b.c").token == "a.b.c"


def test_every_problem_is_told_at_once(file: Path) -> None:
    wrong = {"DISCORD_TOKEN": "not-a-token", "MODELS": "huge", "RUNNER": "rays", "PLAY_PORT": "70000"}
    wrong |= {"CPU_THREADS": "-1", "LOG_LEVEL": "LOUD", "REQUEST_SECONDS": "soon", "DEVICE_FILE": "/nowhere/device"}
    with pytest.raises(SettingsError) as caught:
        load(file, **wrong)
    lines = str(caught.value).splitlines()
    assert {line.split()[0].removesuffix("_FILE") for line in lines} == {key.removesuffix("_FILE") for key in wrong}
    assert all(line.endswith(".") for line in lines)
    assert "not-a-token" not in str(caught.value)
    assert "write hub or bundled" in str(caught.value) and "0 to 65535" in str(caught.value)


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "cuda:0,cuda:1", "cpu, cpu", "mps"])
def test_devices(file: Path, device: str) -> None:
    assert load(file, DEVICE=device).device == device


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:x", "cuda:0;cuda:1", "cuda:0,", ",", "0"])
def test_what_is_not_a_device(file: Path, device: str) -> None:
    with pytest.raises(SettingsError, match="DEVICE cannot be used: write auto, cpu, cuda:0"):
        load(file, DEVICE=device)


def test_replicas(file: Path) -> None:
    chosen = load(file, RUNNER="Ray", RAY_ADDRESS="auto", RAY_REPLICAS="1-4", RAY_GPUS="0.5").core()
    assert (chosen.runner, chosen.ray_address, chosen.replicas, chosen.gpus) == ("ray", "auto", (1, 4), 0.5)
    assert load(file, RAY_REPLICAS="3").core().replicas == (3, 3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0", (0, 0, 0)),
        ("1", (0, 0, 1)),
        ("4", (0, 3, 4)),
        ("0-15/160", (0, 15, 160)),
        ("159-159/160", (159, 159, 160)),
    ],
)
def test_shards(file: Path, written: str, meant: tuple[int, int, int]) -> None:
    chosen = load(file, SHARDS=written).shards
    assert (tuple(chosen), str(chosen)) == (meant, written)


@pytest.mark.parametrize("written", ["-1", "0-15", "0-160/160", "15-0/160", "0/160", "a-b/c", "0-0/0", "1-2/3/4"])
def test_what_is_not_a_range_of_shards(file: Path, written: str) -> None:
    with pytest.raises(SettingsError, match="SHARDS cannot be used: write how many"):
        load(file, SHARDS=written)


@pytest.mark.parametrize("written", ["localhost:8080", "ftp://a", "http://", "http://a b", "http://a?b", "http://a@b"])
def test_what_is_not_an_address(file: Path, written: str) -> None:
    assert load(file, REST_PROXY="http://proxy:8080").rest_proxy == "http://proxy:8080"
    with pytest.raises(SettingsError, match="IDENTIFY_QUEUE cannot be used: write an address"):
        load(file, IDENTIFY_QUEUE=written)


@pytest.mark.parametrize("written", ["localhost", "ray://head:10001", "http://head:6379", "head:", "a b:1", ":6379"])
def test_what_is_not_the_address_of_a_cluster(file: Path, written: str) -> None:
    for known in ("auto", "head:6379", "10.0.0.1:6379", "[fd00::1]:6379"):
        assert load(file, RAY_ADDRESS=known).ray_address == known
    with pytest.raises(SettingsError, match="RAY_ADDRESS cannot be used: write auto, or"):
        load(file, RAY_ADDRESS=written)


@pytest.mark.parametrize("span", ["0", "4-1", "1-", "-1", "one", "1,4", "99999", "²"])
def test_what_is_not_a_number_of_replicas(file: Path, span: str) -> None:
    with pytest.raises(SettingsError, match="RAY_REPLICAS cannot be used: write a number such as 2"):
        load(file, RAY_REPLICAS=span)


@pytest.mark.parametrize("kind", ["bytes", "folder"])
def test_files_that_cannot_be_read(tmp_path: Path, kind: str) -> None:
    bad = tmp_path / "bad"
    if kind == "bytes":
        bad.write_bytes(b"DISCORD_TOKEN=\xff\xfe\x80")
    else:
        bad.mkdir()
    with pytest.raises(SettingsError, match="DISCORD_TOKEN_FILE names a file that cannot be read"):
        Settings.load({"DISCORD_TOKEN_FILE": str(bad)}, tmp_path / ".env")
    if kind == "bytes":
        with pytest.raises(SettingsError, match="bad cannot be read"):
            Settings.load({}, bad)


def test_the_token_is_never_shown(file: Path) -> None:
    settings = load(file, DISCORD_TOKEN=TOKEN)
    for shown in (repr(settings), str(settings), f"{settings}", f"{settings!r}", f"{[settings.token]}"):
        assert TOKEN not in shown
    assert settings.token == TOKEN and "Bearer " + settings.token == f"Bearer {TOKEN}"
    assert TOKEN not in repr(pickle.loads(pickle.dumps(settings)))


def test_settings_of_the_core(file: Path) -> None:
    assert load(file).core() == CoreSettings(runner="process", timeout=60)
    bundled = load(file, MODELS="bundled", RUNNER="thread", TOKENS_MODEL="a/b@c", QUEUE_TOKENS="600").core()
    assert bundled.sentiment_model == "bundled/minilm" and bundled.tokens_model == "a/b@c"
    assert (bundled.runner, bundled.queue_tokens) == ("thread", 600)
    assert load(file, ATTENTION_MODEL="mine").core(bundled=True).attention_model == "mine"
    assert load(file).core(bundled=True).unmask_model == "bundled/bert-mini"


@pytest.mark.parametrize(
    ("key", "value"), [("MODELS", "hub"), ("MODELS", "bundled"), ("RUNNER", "thread"), ("LOG_LEVEL", "DEBUG")]
)
def test_choices_are_read_in_any_case(file: Path, key: str, value: str) -> None:
    for written in (value.lower(), value.upper(), value.title()):
        assert getattr(load(file, **{key: written}), key.lower()) == value


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_whatever_is_written_is_used_or_named(text: str) -> None:
    told: list[tuple[str, str]] = []
    for key in dotenv_values(ROOT / ".env.example"):
        try:
            Settings.load({key: text}, Path("nowhere"))
        except SettingsError as error:
            told.append((key, str(error)))
    assert all(sentence.startswith(key) for key, sentence in told)
