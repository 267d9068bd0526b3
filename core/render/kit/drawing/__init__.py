"""A picture under construction: pixels, colours, text in any script, and the vector picture made of the same shapes."""
