"""Lines of text in any script, as pictures of ink.

Fonts and finished lines are kept in caches. A FreeType face is not made for concurrent use, but Pillow holds the
interpreter's lock while it draws with one, so drawing in several threads is safe (and no faster than in one).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import regex
from PIL import Image, ImageDraw, ImageFont, features

from core.render.kit.drawing import runs
from core.render.kit.drawing.marks import Script

Pixels = npt.NDArray[np.uint8]

_STRIKE = 54  # the one size of the emoji bitmaps, in pixels per em
_EMOJI_SCALE = 1.15 / _STRIKE  # emoji stand a little taller than letters
EMOJI_DROP = 0.2  # and reach a little below the baseline

# What must stay on one line, with the space before it. Chinese and Japanese may be broken after every character, but
# no line begins with what closes, also after a space as in French, or ends with what opens.
_IDEOGRAPH = r"\p{Han}\p{Hiragana}\p{Katakana}"
_WORD = regex.compile(
    rf" ?(?:« )?(?:\p{{Ps}}*[{_IDEOGRAPH}][\p{{Pe}}\p{{Pf}}、。，．：；！？ー…]*|[^ {_IDEOGRAPH}]+(?<!\p{{Ps}})|\S+?)"
    r"(?: [:;?!%»]+[.,)]*(?= |$))*"
)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One drawn line.

    Attributes:
        ink: How much of each pixel is covered by letters, uint8 ``(height, width)``.
        emoji: What is drawn in its own colours on top, uint8 RGBA ``(height, width, 4)``, or ``None``.
        origin: The pixel ``(x, y)`` in these arrays at which the first letter's baseline begins.
        width: How far the next letter would stand from the first, in pixels.
        script: What it says, for pictures that are not made of pixels.
    """

    ink: Pixels
    emoji: Pixels | None
    origin: tuple[int, int]
    width: int
    script: Script


@lru_cache(maxsize=1024)
def line(text: str, size: int, italic: bool = False, framed: bool = False) -> Line:
    """Draw a line, if wanted in a frame; `size` is in pixels per em. Accents that stand out of the line are cut."""
    return _cropped(_drawn(text, size, italic, framed))


def _drawn(text: str, size: int, italic: bool, framed: bool) -> Line:
    """A line with room around it."""
    margin, above, below = size // 3, round(size * 1.15), round(size * 0.45)
    parts = runs.runs(text)
    widths = [_width(run, size, italic) for run in parts]
    canvas = Image.new("L", (round(sum(widths)) + 2 * margin, above + below))
    emoji = Image.new("RGBA", canvas.size) if any(run.face == runs.EMOJI for run in parts) else None
    draw, x = ImageDraw.Draw(canvas), float(margin)
    for run, width in zip(parts, widths, strict=True):
        if run.face == runs.BOX:
            _box(draw, x, above, run.text, size)
        elif run.face == runs.EMOJI and emoji is not None:
            picture = emoji_bitmap(run.text, size)
            emoji.paste(picture, (round(x), above - picture.height + round(size * EMOJI_DROP)))
        else:
            font, (letters, direction) = _font(_slanted(run.face, italic), size), _laid(run)
            draw.text((x, above), letters, fill=255, font=font, anchor="ls", direction=direction)
        x += width
    if framed:
        frame = (margin // 3, 1, canvas.width - 1 - margin // 3, above + below - 2)
        draw.rounded_rectangle(frame, radius=size // 5, outline=255, width=max(2, size // 12))
    ink, bright = _frozen(canvas), None if emoji is None else _frozen(emoji)
    return Line(ink, bright, (margin, above), round(x) - margin, Script(text, size, italic, framed))


@lru_cache(maxsize=512)
def turned(text: str, size: int, italic: bool, framed: bool, degrees: int) -> Line:
    """Draw a line turned against the clock about its origin."""
    flat, angle = _drawn(text, size, italic, framed), math.radians(degrees)
    ink = _turned(flat.ink, degrees)
    right, down = flat.origin[0] - flat.ink.shape[1] / 2, flat.origin[1] - flat.ink.shape[0] / 2
    x = ink.shape[1] / 2 + right * math.cos(angle) + down * math.sin(angle)
    y = ink.shape[0] / 2 - right * math.sin(angle) + down * math.cos(angle)
    emoji = None if flat.emoji is None else _turned(flat.emoji, degrees)
    script = replace(flat.script, degrees=degrees)
    return _cropped(Line(ink, emoji, (round(x), round(y)), flat.width, script))


@lru_cache(maxsize=4096)
def measure(text: str, size: int) -> int:
    """Return the width of a line in pixels."""
    return round(sum(_width(run, size, False) for run in runs.runs(text)))


def shorten(text: str, limit: int = 14) -> str:
    """At most `limit` characters, with an ellipsis in the middle."""
    if len(text) <= limit and text.isascii():
        return text
    found = runs.clusters(text)
    if len(found) <= limit:
        return "".join(found)
    tail = (limit - 1) // 2
    return "".join(found[: limit - 1 - tail]) + "…" + "".join(found[len(found) - tail :])


def fit(text: str, width: int, size: int) -> str:
    """As much of the beginning of a text as fits into `width` pixels, with an ellipsis if that is not all."""
    return "".join(wrap(text, width, size, limit=1))


def wrap(text: str, width: int, size: int, limit: int) -> list[str]:
    """Break a text into at most `limit` lines of `width` pixels between words; an ellipsis says that more follows."""
    words = _WORD.findall(" ".join(text.split()))
    found: list[str] = []
    while words and len(found) < limit:
        taken, words = _take(words, width, size)
        if words and len(found) == limit - 1:
            taken = _longest(taken + words[0], width - measure("…", size), size).rstrip() + "…"
        found.append(taken)
    return found


def _take(words: list[str], width: int, size: int) -> tuple[str, list[str]]:
    """What fits on one line (at least one character), and the words that are left."""
    space, used = measure(" ", size), 0
    for count, word in enumerate(words):
        bare = word.lstrip()
        used += measure(bare, size) + (space if count and bare != word else 0)
        if used > width:
            if count:
                return "".join(words[:count]).lstrip(), words[count:]
            head = _longest(bare, width, size)
            return head, [bare[len(head) :], *words[1:]] if len(head) < len(bare) else words[1:]
    return "".join(words).lstrip(), []


def _longest(text: str, width: int, size: int) -> str:
    """The longest beginning that fits, in whole characters and at least one."""
    parts: list[str] = regex.findall(r"\X", text)
    low, high = 1, len(parts)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure("".join(parts[:middle]), size) <= width else (low, middle - 1)
    return "".join(parts[:low])


@lru_cache(maxsize=256)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    layout = ImageFont.Layout.RAQM if _shapes() else ImageFont.Layout.BASIC
    return ImageFont.truetype(runs.FOLDER / name, size, layout_engine=layout)


@lru_cache(maxsize=1)
def _shapes() -> bool:
    """Whether letters can be joined and put in order: Pillow's wheels need the system's FriBiDi for that."""
    return features.check("raqm") is True


def _laid(run: runs.Run) -> tuple[str, str | None]:
    """The letters of a run and their direction, as Pillow takes them: where it cannot turn them, they are turned."""
    if _shapes():
        return run.text, run.direction
    return "".join(reversed(runs.clusters(run.text))) if run.direction == "rtl" else run.text, None


def _slanted(face: str, italic: bool) -> str:
    return runs.ITALIC if italic and face == runs.TEXT else face


def _width(run: runs.Run, size: int, italic: bool) -> float:
    if run.face == runs.EMOJI:
        return _font(run.face, _STRIKE).getlength(run.text) * size * _EMOJI_SCALE
    if run.face == runs.BOX:
        return sum(box_width(char, size) for char in run.text)
    letters, direction = _laid(run)
    return _font(_slanted(run.face, italic), size).getlength(letters, direction=direction)


def emoji_bitmap(part: str, size: int) -> Image.Image:
    """Emoji at `size`, from the bitmaps."""
    font = _font(runs.EMOJI, _STRIKE)
    left, top, right, bottom = font.getbbox(part, anchor="ls")
    picture = Image.new("RGBA", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(picture).text((-left, -top), part, font=font, embedded_color=True, anchor="ls")
    scale = size * _EMOJI_SCALE
    shape = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(shape, Image.Resampling.BOX)


def box_width(char: str, size: int) -> float:
    """Return the pixels that a code point in a frame takes, for letters of `size`."""
    return _font(runs.TEXT, box_size(size)).getlength(f"U+{ord(char):04X}") + size * 0.5


def box_size(size: int) -> int:
    """Return the size of the letters of a code point in a frame."""
    return max(8, round(size * 0.6))


def _box(draw: ImageDraw.ImageDraw, x: float, baseline: int, part: str, size: int) -> None:
    """Each character as its code point in a frame."""
    for char in part:
        width, font = box_width(char, size), _font(runs.TEXT, box_size(size))
        frame = (x + size * 0.08, baseline - size * 0.8, x + width - size * 0.08, baseline + size * 0.12)
        draw.rounded_rectangle(frame, radius=size * 0.12, outline=150)
        draw.text((x + width / 2, baseline - size * 0.12), f"U+{ord(char):04X}", fill=255, font=font, anchor="ms")
        x += width


def _cropped(found: Line) -> Line:
    """The same without the empty pixels around it, which would cost time whenever it is written."""
    if found.emoji is not None:
        return found
    rows, columns = (np.flatnonzero(found.ink.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return replace(found, ink=found.ink[:0, :0])
    top, left = int(rows[0]), int(columns[0])
    ink = found.ink[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1].copy()
    return replace(found, ink=ink, origin=(found.origin[0] - left, found.origin[1] - top))


def _turned(pixels: Pixels, degrees: int) -> Pixels:
    return _frozen(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BICUBIC, expand=True))


def _frozen(picture: Image.Image) -> Pixels:
    pixels = np.asarray(picture, dtype=np.uint8)
    pixels.flags.writeable = False
    return pixels
