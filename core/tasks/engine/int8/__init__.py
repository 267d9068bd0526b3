"""Models in a quarter of their memory, on a CPU: weights are whole numbers of 8 bits, with a scale for each output.

What goes into a product is made whole numbers as it comes, with a scale for each token: what a text is answered does
not depend on those beside it. Torch's operators are not public: where they do not work, or not fast, models stay as
they are.
"""
