"""The employer's support package as one tracked thing, and the page that a link opens (EMP-05)."""
