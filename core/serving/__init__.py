"""Who runs when, with whom and where: the queue, fairness, batches, workers, and the runners behind them.

What a device computes is the business of `core.tasks`; here a batch is a key and some payloads.
"""
