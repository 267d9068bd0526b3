"""What people type, and how a tokenizer cuts it: validation, templates, masks, windows, token ids and back.

No model runs here and no torch is loaded; what is done with the tokens is the business of `core.tasks`.
"""
