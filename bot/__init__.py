"""The process that people start: settings, the Discord client, a local Discord to play in."""
