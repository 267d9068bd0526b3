"""What the bot sends with the token of an interaction, once more where the connection was lost under it.

discord.py itself tries again after most failures of Discord's, but not where the other side hangs up: a connection that
is kept for the next request may be closed by then, above all by a proxy in between.
"""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import discord
from discord.webhook.async_ import AsyncWebhookAdapter
from discord.webhook.async_ import Route as WebhookRoute

logger = logging.getLogger(__name__)

LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)
"""How a request, or its answer, is lost on its way."""

ANSWERED = 40060
"""Discord's code that says that an interaction was answered already."""


class Answers(AsyncWebhookAdapter):
    """Sends once more what is the same twice: a first answer, which Discord takes once only, an edit, a removal.

    Another message would perhaps be seen twice, and is lost with its connection.
    """

    async def request(self, route: WebhookRoute, session: aiohttp.ClientSession, **options: Any) -> Any:
        """Send a request. See `AsyncWebhookAdapter.request`."""
        first = route.url.endswith("/callback")
        try:
            return await super().request(route, session, **options)
        except LOST as error:
            if route.method == "POST" and not first:
                raise
            logger.info("A connection to Discord was lost (%s): once more.", type(error).__name__)
        for file in options.get("files") or ():
            file.reset()
        try:
            return await super().request(route, session, **options)
        except discord.HTTPException as error:
            if first and error.code == ANSWERED:  # with what was lost only on the way back
                return {"interaction": {"id": route.webhook_id}}
            if route.method == "DELETE" and error.status == 404:  # the same
                return None
            raise
