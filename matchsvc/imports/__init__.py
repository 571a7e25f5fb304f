"""Files in: read, checked row by row, previewed, written all or nothing."""
