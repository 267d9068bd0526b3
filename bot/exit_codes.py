"""The process's exit codes, those of sysexits.h: a supervisor can be told which of them trying again cannot mend.

What each comes of is in `bot.failures`.
"""

OK = 0
REFUSED = 1
"""What was asked was answered with a refusal (`ask`), or the keyboard interrupted."""
NO_MODEL = 66
"""A model is not there and cannot be fetched."""
UNREACHABLE = 69
"""Discord or Ray cannot be reached, or fails on its side: trying again helps."""
UNFORESEEN = 70
"""A mistake in this program."""
NO_DEVICE = 71
"""The device cannot run the models."""
PORT_TAKEN = 73
"""Another program uses the port."""
UNUSABLE = 74
"""A file or a folder cannot be read or written."""
CONFIGURATION = 78
"""A setting has to be mended first: trying again cannot help."""
