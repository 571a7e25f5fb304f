"""Outbox, e-mail and signed links."""
