"""What a bot may answer to an interaction, and when.

Source: https://discord.com/developers/docs/interactions/receiving-and-responding.
"""

from __future__ import annotations

from bot.playground.api import messages, rules
from bot.playground.api.components import normalise
from bot.playground.api.rules import Refusal
from bot.playground.exchange import AUTOCOMPLETE, MODAL_SUBMIT, Exchange
from bot.playground.payloads import Json
from bot.playground.world import EPHEMERAL, LOADING, Upload

REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9  # kinds of callback
STEPS = {
    REPLY: "replied",
    DEFER: "deferred",
    DEFER_UPDATE: "deferred",
    UPDATE: "updated",
    CHOICES: "suggested",
    MODAL: "asked",
}


def respond(exchange: Exchange, kind: int, data: Json | None, uploads: dict[int, Upload]) -> Json | None:
    """Take the first answer. Returns the message it created or changed, or ``None``."""
    _admit(exchange, kind, data)
    try:
        message = _first_answer(exchange, kind, data or {}, uploads)
    except Refusal as refusal:
        refusal.nest("data")
        raise
    exchange.record(STEPS[kind])
    return message


def _first_answer(exchange: Exchange, kind: int, data: Json, uploads: dict[int, Upload]) -> Json | None:
    world = exchange.world
    if kind == CHOICES:
        exchange.choices = _suggestions(data)
        return None
    if kind == MODAL:
        exchange.modal = _form(data)
        return None
    if kind in (DEFER_UPDATE, UPDATE):
        message = _source(exchange)
    else:
        private = exchange.muted or (data.get("flags") or 0) & EPHEMERAL
        message = _blank(exchange, private | (LOADING if kind == DEFER else 0))
    if kind in (REPLY, UPDATE):
        message = messages.revise(world, message, data, uploads)
    exchange.original = message["id"]
    return None if kind == DEFER_UPDATE else _store(exchange, message)


def follow_up(exchange: Exchange, body: Json, uploads: dict[int, Upload]) -> Json:
    """Take a further message. The first one after a deferral becomes the answer that was promised."""
    _admit_webhook(exchange)
    message = exchange.world.messages.get(exchange.original or "")
    if message is None or not message["flags"] & LOADING:
        message = _blank(exchange, exchange.muted or (body.get("flags") or 0) & EPHEMERAL)
    message = _store(exchange, messages.revise(exchange.world, message, body, uploads))
    exchange.record("followed up")
    return message


def edit(exchange: Exchange, message_id: str, body: Json, uploads: dict[int, Upload]) -> Json:
    """Change one of the messages of the exchange."""
    message = messages.revise(exchange.world, find(exchange, message_id), body, uploads)
    _store(exchange, message)
    exchange.record("edited")
    return message


def delete(exchange: Exchange, message_id: str) -> None:
    """Delete one of the messages of the exchange."""
    exchange.world.remove(find(exchange, message_id)["id"])
    exchange.record("deleted")


def find(exchange: Exchange, message_id: str) -> Json:
    """One of the messages of the exchange, by its id or as ``@original``."""
    _admit_webhook(exchange)
    if message_id == "@original":
        message_id = exchange.original or ""
    message = exchange.world.messages.get(message_id)
    if message is None or message_id not in (exchange.original, *exchange.touched):
        raise Refusal(404, 10008, "Unknown Message")
    return message


def _admit(exchange: Exchange, kind: int, data: Json | None) -> None:
    if exchange.acknowledged:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    if exchange.world.clock.now() > exchange.deadline:
        raise Refusal(404, 10062, "Unknown interaction")
    allowed = {CHOICES} if exchange.kind == AUTOCOMPLETE else {REPLY, DEFER}
    if exchange.kind not in (AUTOCOMPLETE, MODAL_SUBMIT):
        allowed |= {MODAL}
    if exchange.source is not None:
        allowed |= {DEFER_UPDATE, UPDATE}
    if kind not in allowed:
        _refuse("type", f"An interaction of type {exchange.kind} cannot be answered with one of type {kind}.")
    if kind in (REPLY, UPDATE, CHOICES, MODAL) and data is None:
        _refuse("data", "This field is required.")
    if kind in (DEFER, DEFER_UPDATE) and (data or {}).keys() - {"flags"}:
        _refuse("data", "A deferral says nothing but whether it is private.")


def _admit_webhook(exchange: Exchange) -> None:
    if exchange.world.clock.now() > exchange.expires:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    if not exchange.acknowledged:
        raise Refusal(404, 10015, "Unknown Webhook")


def _source(exchange: Exchange) -> Json:
    message = exchange.world.messages.get(exchange.source["id"]) if exchange.source else None
    if message is None:
        raise Refusal(404, 10008, "Unknown Message")
    return message


def _suggestions(data: Json) -> list[Json]:
    choices: list[Json] = data.get("choices") or []
    if len(choices) > 25 or any(not 1 <= len(choice["name"]) <= 100 for choice in choices):
        _refuse("choices", "At most 25 choices, with names between 1 and 100 in length.")
    return choices


def _form(data: Json) -> Json:
    def no_media(url: str, where: str) -> Json:
        raise Refusal(400, 50035, "Invalid Form Body", [(where, "A modal cannot show pictures.")])

    form = {**data, "components": normalise(data.get("components") or [], no_media)}
    rules.refuse(rules.modal_problems(form))
    return form


def _blank(exchange: Exchange, flags: int) -> Json:
    return messages.blank(exchange.world, exchange.place, exchange.world.bot, flags, exchange.metadata)


def _store(exchange: Exchange, message: Json) -> Json:
    if message["id"] not in exchange.touched:
        exchange.touched.append(message["id"])
    exchange.world.put(message)
    return message


def _refuse(where: str, why: str) -> None:
    rules.refuse([(where, why)])
