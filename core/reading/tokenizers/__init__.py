"""Tokenizers of all kinds: how a text is cut, where its pieces stand, and what a folder's files may make of it."""
