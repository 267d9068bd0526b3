"""Models in the box: folders in the Hugging Face layout, and the script that trained them.

python -m core.bundled.train --data DATA --work WORK     trains them
python -m core.bundled.evaluate --data DATA              prints what they are worth
"""
