"""Make the font files of `core/render/kit/drawing/fonts` from Debian's packages (by hand, with fonttools installed).

::

    apt-get download fonts-dejavu-core fonts-droid-fallback fonts-noto-core fonts-noto-color-emoji
    for package in *.deb; do dpkg-deb -x "$package" unpacked; done
    python -m training.fonts unpacked

DejaVu Sans is copied as it is (its licence asks that changed versions be renamed). The others lose what a picture
cannot use: hinting, names in other languages, letters that DejaVu has; emoji are stored at half their size.
`coverage.json` records which code points each file draws, because Pillow cannot be asked.
"""

# pyright: basic, reportMissingImports=false
from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image

HERE = Path(__file__).parents[1] / "core" / "render" / "kit" / "drawing" / "fonts"
SCRIPTS = """
    Arabic Hebrew Devanagari Bengali Tamil Thai Telugu Gujarati Gurmukhi Kannada Malayalam Sinhala Lao Khmer Myanmar
    Ethiopic Armenian Georgian
""".split()
# What shaping needs beside the letters: joiners and the dotted circle.
HELPERS = {0x200C, 0x200D, 0x25CC}
LATIN = range(0x0370)
SYMBOLS = range(0x2000, 0x2C00)
EMOJI_COLOURS = 48


def code_points(font: TTFont) -> set[int]:
    """Return the characters a font has a glyph for."""
    return set(font.getBestCmap())


def subset_to(source: Path, target: Path, keep: set[int]) -> set[int]:
    """Write `source` without the glyphs that `keep` does not need; return what is left."""
    options = subset.Options(layout_features=["*"], hinting=False, name_IDs=[0, 1, 2, 13, 14], notdef_outline=True)
    font = TTFont(source)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=keep & code_points(font))
    cutter.subset(font)
    font.save(target)
    return code_points(font)


def halve_emoji(source: Path, target: Path) -> set[int]:
    """Write the bitmap emoji font at half its size, each glyph with its own small palette."""
    font = TTFont(source)
    size = font["CBLC"].strikes[0].bitmapSizeTable
    size.ppemX = size.ppemY = size.ppemX // 2
    for line in (size.hori, size.vert):
        line.ascender, line.descender, line.widthMax = line.ascender // 2, line.descender // 2, line.widthMax // 2
    for glyph in font["CBDT"].strikeData[0].values():
        picture = Image.open(io.BytesIO(glyph.imageData)).convert("RGBA")
        small = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
        stored = io.BytesIO()
        small.quantize(EMOJI_COLOURS, Image.Quantize.FASTOCTREE).save(stored, "PNG", optimize=True)
        glyph.imageData = stored.getvalue()
        metrics = glyph.metrics
        metrics.width, metrics.height, metrics.Advance = small.width, small.height, metrics.Advance // 2
        metrics.BearingX, metrics.BearingY = metrics.BearingX // 2, metrics.BearingY // 2
    font.save(target)
    return code_points(font)


def ranges(points: set[int]) -> list[list[int]]:
    """Return code points as inclusive ranges, in order."""
    found: list[list[int]] = []
    for point in sorted(points):
        if found and found[-1][1] == point - 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return found


def main(unpacked: Path) -> None:
    """Write every font and the coverage, in the order in which a drawer should try them."""
    fonts = unpacked / "usr/share/fonts/truetype"
    coverage: dict[str, set[int]] = {}
    for script in SCRIPTS:
        name = f"NotoSans{script}-Regular.ttf"
        letters = code_points(TTFont(fonts / "noto" / name)) - set(LATIN) - set(SYMBOLS) | HELPERS
        coverage[name] = subset_to(fonts / "noto" / name, HERE / name, letters) - HELPERS
    for name in ("DejaVuSans.ttf", "DejaVuSans-Oblique.ttf"):
        shutil.copy(fonts / "dejavu" / name, HERE / name)
        coverage[name] = code_points(TTFont(HERE / name))
    droid = unpacked / "usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf"
    coverage[droid.name] = subset_to(droid, HERE / droid.name, code_points(TTFont(droid)) - coverage["DejaVuSans.ttf"])
    coverage["NotoColorEmoji.ttf"] = halve_emoji(fonts / "noto/NotoColorEmoji.ttf", HERE / "NotoColorEmoji.ttf")
    stored = {name: ranges(points) for name, points in coverage.items()}
    (HERE / "coverage.json").write_text(json.dumps(stored, separators=(",", ":")).replace("]],", "]],\n") + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
