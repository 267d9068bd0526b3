"""Files to take away, and the way back: tables, arrays, a page that opens anywhere, and recipes that are read again.

Pictures come from `core.render`; what Discord allows of files is for the cogs to know.
"""
