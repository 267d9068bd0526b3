"""Files that come with a message: what they are, and where they can be fetched."""

from __future__ import annotations

import mimetypes
import re
import struct
from typing import Any
from urllib.parse import quote

from bot.playground.api.rules import Refusal
from bot.playground.payloads import ATTACHMENT_SIZE_LIMIT, Json
from bot.playground.world import Upload, World

PNG = b"\x89PNG\r\n\x1a\n"
SIGNATURES = {PNG: "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def attach(
    world: World, old: list[Json], listed: list[Json] | None, uploads: dict[int, Upload], *, channel_id: str, base: Json
) -> list[Json]:
    """Return the attachments of a message after a request.

    Args:
        world: Keeps the files.
        old: The attachments it has so far.
        listed: The request's ``attachments``: those to keep by their id, new ones by the number of their file.
            ``None`` keeps all and adds every file.
        uploads: The files sent along, by number: ``files[n]``.
        channel_id: The channel of the message.
        base: Fields that each new attachment starts from.
    """
    if listed is None:
        listed = [*old, *({"id": number} for number in uploads)]
    known = {attachment["id"]: attachment for attachment in old}
    result: list[Json] = []
    unnamed = set(uploads)
    for index, entry in enumerate(listed):
        id = str(entry["id"])
        description = {"description": entry["description"]} if entry.get("description") else {}
        if id in known:
            result.append(known[id] | description)
        elif id.isdecimal() and int(id) in uploads:
            unnamed.discard(int(id))
            result.append(_keep(world, uploads[int(id)], channel_id) | base | description)
        else:
            problem = (f"attachments.{index}.id", "It names neither a file sent along nor one the message has.")
            raise Refusal(400, 50035, "Invalid Form Body", [problem])
    if unnamed:
        problem = ("attachments", f"files[{min(unnamed)}] was sent but is not in this list.")
        raise Refusal(400, 50035, "Invalid Form Body", [problem])
    return result


def _keep(world: World, upload: Upload, channel_id: str) -> Json:
    if len(upload.data) > ATTACHMENT_SIZE_LIMIT:
        raise Refusal(413, 40005, "Request entity too large")
    name = re.sub(r"[^A-Za-z0-9._-]", "_", upload.name) or "unknown"
    content_type = _sniff(upload.data) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    id = world.clock.snowflake()
    world.files[id] = Upload(name, content_type, upload.data)
    url = f"{world.url}/attachments/{channel_id}/{id}/{quote(name)}"
    size: dict[str, Any] = {}
    if upload.data.startswith(PNG):
        size["width"], size["height"] = struct.unpack(">II", upload.data[16:24])
    return {
        "id": id,
        "filename": name,
        "size": len(upload.data),
        "url": url,
        "proxy_url": url,
        "content_type": content_type,
        **size,
    }


def _sniff(data: bytes) -> str | None:
    """The type of a picture from its first bytes: discord.py labels every file application/octet-stream."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((type for signature, type in SIGNATURES.items() if data.startswith(signature)), None)
