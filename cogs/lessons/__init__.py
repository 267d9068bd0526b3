"""The stops of /learn: `unit` has them in order, `stop` says what one is; what pressing does is in `cogs.actions`."""
