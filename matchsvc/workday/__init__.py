"""Tasks and meetings: what somebody promised to do and when people meet, by reference."""
