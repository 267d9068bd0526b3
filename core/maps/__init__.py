"""What can be said about attention weights: what to ask a model for, measures, differences, heads worth seeing.

Plain numpy on finished results; pictures of them are in `core.render`.
"""
