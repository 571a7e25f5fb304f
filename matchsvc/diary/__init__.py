"""The diary: who meets whom and when, as far as its reader may see it."""
