"""What is measured, against what, with both sides printed. Imported by the command only."""
