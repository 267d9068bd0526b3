"""A round of the quiz from what is wanted to its answer. What presses do is in `cogs.actions.quiz`."""
