"""What Discord refuses in a message or a modal, beyond what each field may hold by itself.

Discord documents these rules in prose only; its API description cannot express them. Sources:
https://discord.com/developers/docs/components/reference and https://discord.com/developers/docs/resources/message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.playground.payloads import Json
from bot.playground.world import COMPONENTS_V2

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
LINK, PREMIUM = 5, 6  # button styles without a custom_id

IN_CONTAINER = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR})
CHILDREN = {CONTAINER: IN_CONTAINER, ROW: SELECTS | {BUTTON, TEXT_INPUT}, SECTION: frozenset({TEXT})}
COUNTS = {ROW: (1, 5), SECTION: (1, 3), CONTAINER: (1, 40)}
TOP_LEVEL_V2 = IN_CONTAINER | {CONTAINER}
TOP_LEVEL_CLASSIC = frozenset({ROW})
IN_MODAL = frozenset({ROW, TEXT, LABEL})

# The longest value of each text field, by component type.
LENGTHS: dict[int, dict[str, int]] = {
    BUTTON: {"custom_id": 100, "label": 80, "url": 512},
    **{type: {"custom_id": 100, "placeholder": 150} for type in SELECTS},
    TEXT_INPUT: {"custom_id": 100, "label": 45, "placeholder": 100, "value": 4000},
    TEXT: {"content": 4000},
    THUMBNAIL: {"description": 1024},
    LABEL: {"label": 45, "description": 100},
}
OPTION_LENGTHS = {"label": 100, "value": 100, "description": 100}

Problem = tuple[str, str]  # where, as a dotted path; and what is wrong there


class Refusal(Exception):
    """An answer of Discord's API that is an error: HTTP status, Discord's own code, and what it says."""

    def __init__(self, status: int, code: int, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.payload: Json = {"message": message, "code": code}
        for path, sentence in problems:
            place: Json = self.payload.setdefault("errors", {})
            for part in filter(None, path.split(".")):
                place = place.setdefault(part, {})
            place.setdefault("_errors", []).append({"code": "INVALID", "message": sentence})

    def nest(self, name: str) -> None:
        """Say that everything wrong is inside the field `name`."""
        if "errors" in self.payload:
            self.payload["errors"] = {name: self.payload["errors"]}


def refuse(problems: Iterable[Problem]) -> None:
    """Raise Discord's "Invalid Form Body" if there is any problem."""
    if found := list(problems):
        raise Refusal(400, 50035, "Invalid Form Body", found)


def message_problems(message: Json) -> Iterator[Problem]:
    """Everything wrong with a message as it would stand."""
    v2 = bool(message["flags"] & COMPONENTS_V2)
    components: list[Json] = message["components"]
    if v2 and (message["content"] or message["embeds"]):
        yield "flags", "A message with Components V2 can have neither content nor embeds."
    if len(message["content"]) > 2000:
        yield "content", "Must be 2000 or fewer in length."
    if len(message["embeds"]) > 10 or sum(map(embed_length, message["embeds"])) > 6000:
        yield "embeds", "At most 10 embeds with 6000 characters in total."
    if len(message["attachments"]) > 10:
        yield "attachments", "At most 10 attachments."
    everything = [part for _, part in walk(components)]
    if v2 and len(everything) > 40:
        yield "components", f"At most 40 components, nested ones included; these are {len(everything)}."
    if v2 and sum(len(part["content"]) for part in everything if part["type"] == TEXT) > 4000:
        yield "components", "At most 4000 characters of displayed text."
    if not v2 and len(components) > 5:
        yield "components", "At most 5 action rows."
    yield from component_problems(components, TOP_LEVEL_V2 if v2 else TOP_LEVEL_CLASSIC, never=(TEXT_INPUT, LABEL))


def modal_problems(modal: Json) -> Iterator[Problem]:
    """Everything wrong with a modal."""
    for field, most in (("title", 45), ("custom_id", 100)):
        if not 1 <= len(modal.get(field) or "") <= most:
            yield field, f"Must be between 1 and {most} in length."
    components: list[Json] = modal.get("components") or []
    if not 1 <= len(components) <= 5:
        yield "components", "Between 1 and 5 fields."
    yield from component_problems(components, IN_MODAL, never=(BUTTON,))


def component_problems(components: list[Json], allowed: frozenset[int], *, never: tuple[int, ...]) -> Iterator[Problem]:
    """Everything wrong with components of which only `allowed` types may be at the top, and some `never` anywhere."""
    for index, component in enumerate(components):
        if component["type"] not in allowed:
            yield f"components.{index}.type", f"A component of type {component['type']} is not allowed here."
    for path, component in walk(components):
        if component["type"] in never:
            yield f"{path}.type", f"A component of type {component['type']} is not allowed here."
        yield from ((f"{path}.{field}", sentence) for field, sentence in one_component(component))
    for field in ("custom_id", "id"):
        counts = Counter(part[field] for _, part in walk(components) if part.get(field))
        yield from (("components", f"The {field} {value} is used {n} times.") for value, n in counts.items() if n > 1)


def one_component(component: Json) -> Iterator[Problem]:
    """Everything wrong with one component, without what is inside it."""
    kind: int = component["type"]
    for field, most in LENGTHS.get(kind, {}).items():
        if len(component.get(field) or "") > most:
            yield field, f"Must be {most} or fewer in length."
    children: list[Json] = component.get("components", [])
    least, most = COUNTS.get(kind, (0, len(children)))
    if not least <= len(children) <= most:
        yield "components", f"Between {least} and {most} components."
    for child in children:
        if child["type"] not in CHILDREN.get(kind, ()):
            yield "components", f"A component of type {child['type']} is not allowed in one of type {kind}."
    if kind == ROW and len(children) > 1 and any(child["type"] != BUTTON for child in children):
        yield "components", "A select or a text field must be alone in its row."
    elif kind == BUTTON:
        yield from button_problems(component)
    elif kind in SELECTS or kind == TEXT_INPUT:
        if not component.get("custom_id"):
            yield "custom_id", "This field is required."
        if kind == SELECT:
            yield from select_problems(component)
    elif kind == TEXT and not component.get("content"):
        yield "content", "This field is required."
    elif kind == SECTION and component.get("accessory", {}).get("type") not in (BUTTON, THUMBNAIL):
        yield "accessory", "Must be a button or a thumbnail."
    elif kind == LABEL and not component.get("component"):
        yield "component", "This field is required."
    elif kind == GALLERY:
        yield from gallery_problems(component)


def button_problems(button: Json) -> Iterator[Problem]:
    """A button either opens a link, sells something, or has a custom_id."""
    style, custom_id, url = button.get("style"), button.get("custom_id"), button.get("url")
    if style == LINK and (custom_id or not str(url).startswith(("http://", "https://", "discord://"))):
        yield "url", "A link button has a url and no custom_id."
    if style not in (LINK, PREMIUM) and (url or not custom_id):
        yield "custom_id", "A custom_id is required, and no url."
    if style != PREMIUM and not (button.get("label") or button.get("emoji")):
        yield "label", "A button needs a label or an emoji."


def select_problems(select: Json) -> Iterator[Problem]:
    """The options of a select must be distinct and enough for what is asked."""
    options: list[Json] = select.get("options") or []
    if not 1 <= len(options) <= 25:
        yield "options", "Between 1 and 25 options."
    if len({option["value"] for option in options}) < len(options):
        yield "options", "The values of the options must be distinct."
    if any(len(option.get(field) or "") > most for option in options for field, most in OPTION_LENGTHS.items()):
        yield "options", "Labels, values and descriptions must be 100 or fewer in length."
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= most <= max(len(options), 1):
        yield "max_values", "Must be at least min_values and at most the number of options."
    if sum(bool(option.get("default")) for option in options) > most:
        yield "options", "More options are chosen by default than may be chosen."


def gallery_problems(gallery: Json) -> Iterator[Problem]:
    """A gallery shows 1 to 10 pictures."""
    items: list[Json] = gallery.get("items") or []
    if not 1 <= len(items) <= 10:
        yield "items", "Between 1 and 10 items."
    if any(len(item.get("description") or "") > 1024 for item in items):
        yield "items", "Descriptions must be 1024 or fewer in length."


def embed_length(embed: Json) -> int:
    """How many characters of an embed count against the 6000 of a message."""
    fields: list[Json] = embed.get("fields") or []
    author: Json = embed.get("author") or {}
    footer: Json = embed.get("footer") or {}
    texts = [embed.get("title"), embed.get("description"), author.get("name"), footer.get("text")]
    texts += [field[key] for field in fields for key in ("name", "value")]
    return sum(len(text or "") for text in texts)


def walk(components: list[Json], path: str = "components") -> Iterator[tuple[str, Json]]:
    """Every component of a tree with its path, parents first."""
    for index, component in enumerate(components):
        here = f"{path}.{index}"
        yield here, component
        yield from walk(component.get("components", []), f"{here}.components")
        for key in ("accessory", "component"):
            if inner := component.get(key):
                yield f"{here}.{key}", inner
