"""Measuring what the service does, each time against what else a user could take."""
