"""What the process tells of itself: logs, counts for Prometheus, whether it is well."""
