"""Which models there are, what their files say about them, and where those files lie.

Nothing is loaded into memory here: that is done by `core.tasks.engine.loading`, on a device.
"""
