"""All that trained and measured the models in `core/bundled`. Nothing that runs imports it, and no wheel has it.

python -m training.train --data DATA --work WORK     trains them
python -m training.evaluate --data DATA              prints what they are worth
"""
