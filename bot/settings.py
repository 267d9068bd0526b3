"""Every environment variable, typed, in one frozen dataclass. A ``.env`` file fills in what the environment lacks."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, cast

from dotenv import dotenv_values

from bot import readers
from core import CoreSettings

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """Settings that cannot be used: one sentence a line, each naming a key and what to write there."""


def setting(key: str, default: Any, read: Callable[[str], Any], help: str) -> Any:
    """A field filled from the environment variable `key`; `help` is its line in ``.env.example``."""
    return field(default=default, metadata={"key": key, "read": read, "help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the host chose. Every key also works as ``KEY_FILE``, which names a file that holds the value."""

    token: readers.Secret = setting(
        "DISCORD_TOKEN", readers.Secret(), readers.token, "The bot's token, from the Bot page of its application."
    )
    hub_token: readers.Secret = setting(
        "HF_TOKEN", readers.Secret(), readers.hub_token, "A token of the Hugging Face Hub, for gated or private models."
    )
    models: str = setting(
        "MODELS", "hub", readers.one_of("hub", "bundled"), "hub: the full models. bundled: the small ones."
    )
    sentiment_model: str = setting("SENTIMENT_MODEL", "", str, "Another model for /sentiment: id@commit or a folder.")
    unmask_model: str = setting("UNMASK_MODEL", "", str, "Another model for /unmask.")
    write_model: str = setting("WRITE_MODEL", "", str, "Another model for /write, such as openai-community/gpt2.")
    tokens_model: str = setting("TOKENS_MODEL", "", str, "Another tokenizer for /tokens.")
    attention_model: str = setting("ATTENTION_MODEL", "", str, "Another model for /attention.")
    allowed_models: tuple[str, ...] = setting(
        "ALLOWED_MODELS", (), readers.names, "More models for the option model: id@commit or a folder, with commas."
    )
    device: str = setting("DEVICE", "auto", readers.device, "auto, cpu, cuda:0, or several: cuda:0,cuda:1.")
    runner: str = setting(
        "RUNNER",
        "process",
        readers.one_of("process", "thread", "ray"),
        "process: a crash of a model spares the bot. ray: see docs/scaling.md.",
    )
    ray_address: str = setting(
        "RAY_ADDRESS",
        "",
        readers.cluster,
        "The Ray cluster to join: auto, or head:6379; empty starts one on this computer.",
    )
    replicas: readers.Span = setting(
        "RAY_REPLICAS", readers.Span(1, 1), readers.span, "Replicas on Ray, or the least and the most: 1-4."
    )
    gpus: float = setting(
        "RAY_GPUS", 0.0, readers.amount(0, 64), "GPUs for each replica, such as 1 or 0.5; 0 for none."
    )
    precision: str = setting(
        "PRECISION",
        "auto",
        readers.one_of("auto", "float32", "bfloat16", "int8", "float16"),
        "auto, float32, bfloat16 or float16 (on a CPU the one that it is fast in), int8 (CPU; also saves memory).",
    )
    threads: int = setting("CPU_THREADS", 0, readers.number(0, 256), "Threads of the CPU device; 0: as many as cores.")
    timeout: int = setting("REQUEST_SECONDS", 60, readers.number(5, 800), "Seconds after which a request is given up.")
    queue_tokens: int = setting(
        "QUEUE_TOKENS", 32_768, readers.number(512, 10_000_000), "Tokens that may wait; more is refused."
    )
    models_mib: int = setting(
        "MODELS_MIB",
        4096,
        readers.number(64, 10_000_000),
        "MiB of memory for the models of one device; more is not loaded.",
    )
    drain_seconds: int = setting(
        "DRAIN_SECONDS", 8, readers.number(0, 600), "Seconds that running requests get at shutdown."
    )
    dev_guild: int = setting(
        "DEV_GUILD", 0, readers.number(0, 2**63 - 1), "A server's id: commands go there only, for testing."
    )
    shards: readers.Shards = setting(
        "SHARDS",
        readers.Shards(0, 0, 1),
        readers.shards,
        "Connections to Discord; 0 lets Discord choose, as 2,500 servers require; 0-15/160: these 16 of 160.",
    )
    rest_proxy: str = setting("REST_PROXY", "", readers.address, "A nirn-proxy that several processes share.")
    identify_queue: str = setting(
        "IDENTIFY_QUEUE", "", readers.address, "A twilight gateway-queue that several processes share."
    )
    at_once: int = setting(
        "USER_AT_ONCE", 1, readers.number(1, 100), "Requests of one person that are worked on at once."
    )
    pause: int = setting(
        "USER_PAUSE_SECONDS", 0, readers.number(0, 3600), "Seconds between two requests of one person."
    )
    allowed_servers: frozenset[int] = setting(
        "ALLOWED_SERVERS", frozenset[int](), readers.ids, "Ids of the only servers, with commas; empty for all."
    )
    allowed_users: frozenset[int] = setting(
        "ALLOWED_USERS", frozenset[int](), readers.ids, "Ids of people who may use the bot anywhere; empty for all."
    )
    denied_servers: frozenset[int] = setting(
        "DENIED_SERVERS", frozenset[int](), readers.ids, "Ids of servers to refuse."
    )
    denied_users: frozenset[int] = setting("DENIED_USERS", frozenset[int](), readers.ids, "Ids of people to refuse.")
    server_settings: Path | None = setting(
        "SERVER_SETTINGS",
        None,
        readers.file,
        "A file for what servers choose with /settings, such as settings.sqlite3; empty: nothing, and no /settings.",
    )
    port: int = setting(
        "PLAY_PORT", 8765, readers.number(0, 65_535), "Port of the page that `play` serves on this computer."
    )
    metrics_port: int = setting(
        "METRICS_PORT", 0, readers.number(0, 65_535), "Port on loopback for /metrics, /healthz and /readyz; 0 for none."
    )
    log_level: str = setting("LOG_LEVEL", "INFO", readers.one_of(*LEVELS), "DEBUG, INFO, WARNING or ERROR.")
    log_format: str = setting(
        "LOG_FORMAT", "text", readers.one_of("text", "json"), "text: for people. json: an object a line, for programs."
    )

    @classmethod
    def load(
        cls,
        environment: Mapping[str, str] = os.environ,
        file: Path = Path(".env"),
        unread: Collection[str] = (),
    ) -> Self:
        """Read all settings.

        Args:
            environment: What comes before the file.
            file: In the format of dotenv; there need not be one.
            unread: Keys that nobody needs now, so that whatever they say is no reason to refuse.

        Raises:
            SettingsError: Some cannot be used; it names all of them.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        try:
            sources = (environment, {key: value or "" for key, value in dotenv_values(file).items()})
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{file} cannot be read: check that it is a text file, and its permissions.") from None
        for one in fields(cls):
            key = one.metadata["key"]
            try:
                if key not in unread and (text := _given(sources, key)):
                    values[one.name] = one.metadata["read"](text)
            except (OSError, UnicodeDecodeError):
                problems.append(f"{key}_FILE names a file that cannot be read: check the path and its permissions.")
            except ValueError as error:
                problems.append(f"{key} cannot be used: {error}.")
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**values)

    def core(self, *, bundled: bool = False) -> CoreSettings:
        """The settings of the core; `bundled` prefers the bundled models whatever `models` says."""
        base = CoreSettings.bundled() if bundled or self.models == "bundled" else CoreSettings()
        return CoreSettings(
            sentiment_model=self.sentiment_model or base.sentiment_model,
            unmask_model=self.unmask_model or base.unmask_model,
            write_model=self.write_model or base.write_model,
            tokens_model=self.tokens_model or base.tokens_model,
            attention_model=self.attention_model or base.attention_model,
            allowed_models=self.allowed_models,
            device=self.device,
            runner=cast(Any, self.runner),
            ray_address=self.ray_address,
            replicas=self.replicas,
            gpus=self.gpus,
            precision=cast(Any, self.precision),
            threads=self.threads,
            timeout=self.timeout,
            queue_tokens=self.queue_tokens,
            models_mib=self.models_mib,
            hub_token=self.hub_token,
        )


def example() -> str:
    """The text of ``.env.example``: every key with its default and what it means."""
    lines = ["# The settings, in a file called .env. Every key also works as KEY_FILE=/path/to/a/file.", ""]
    for one in fields(Settings):
        lines += [f"# {one.metadata['help']}", f"{one.metadata['key']}={_default(one)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def write_example(file: Path) -> None:
    """Write `example` into a new file that only its owner may read.

    Raises:
        SettingsError: There is such a file already, which stays as it is.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError(f"{file} is there already and stays as it is: delete it first for a new one.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(example())


def _default(one: Field[Any]) -> str:
    if one.default in (MISSING, None, "", (), frozenset()):
        return ""
    return f"{one.default:g}" if isinstance(one.default, float) else str(one.default)


def _given(sources: Iterable[Mapping[str, str]], key: str) -> str:
    """The value of a key in the first source that has one, without quotes and spaces that were pasted along with it."""
    for source in sources:
        text = source.get(key, "")
        if not text and (path := source.get(f"{key}_FILE")):
            text = Path(path).read_text(encoding="utf-8")
        if text := text.strip().strip("\"'").strip():
            return text
    return ""
