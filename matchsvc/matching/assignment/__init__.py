"""Everybody waiting and all places at once: an assignment, its certificate and its reasons.

Arrays in, arrays out; imports numpy, scipy, numba (optional) and the standard library only. What
is maximised, and how the certificate is read, stands in docs/how-matching-works.md.
"""
