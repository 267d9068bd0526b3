"""Squares of weights and numbers: cells, the tokens along their sides, several beside each other."""
