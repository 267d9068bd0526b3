"""Slash commands: Discord on one side, `core` on the other. One module for each command."""
