"""How scheduled work is going, for those who look after it."""
