"""An invented town to try the service in: people, employers, eighteen months of work.

Nothing here is about anybody who exists. Identity numbers come from the tax agency's test series,
telephone numbers from the series kept free for fiction, addresses from ``.example``.
"""
