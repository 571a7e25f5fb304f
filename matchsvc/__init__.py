"""matchsvc: Supported Employment for a municipal labour-market unit, to a job that lasts."""
