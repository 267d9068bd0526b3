"""Options that several commands share."""

from __future__ import annotations

from discord import app_commands

from core.texts import LONGEST

Text = app_commands.Range[str, 1, LONGEST]
"""What a person writes; Discord's own client holds the bounds."""

PRIVATE = "Whether only you see the answer; everybody here does if you leave this out"
"""Of the option of that name."""
