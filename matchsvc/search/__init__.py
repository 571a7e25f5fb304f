"""Is there somebody or something called that? One box over people, employers and offers."""
