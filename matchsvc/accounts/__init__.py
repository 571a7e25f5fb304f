"""Units, users, roles, log-in, the guard, the access rules, the audit log."""
