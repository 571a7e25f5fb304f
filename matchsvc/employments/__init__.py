"""Employment that lasts: what a job must fulfil, what is heard of it, how it ends (EMPL-01..07)."""
