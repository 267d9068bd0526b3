"""What pictures are drawn with: canvas, colours, text in any script, axes, cells, bars, and words.

Nothing here knows a whole picture: those are one floor up, one module each.
"""
