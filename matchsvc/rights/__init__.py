"""What somebody has a right to ask of what is kept about her, and what others ask to read."""
