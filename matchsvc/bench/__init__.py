"""Measuring the product beside plain alternatives, on the same machine in the same run."""
