"""Organisations, sites, contacts, logged contacts and offers."""
