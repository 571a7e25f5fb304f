"""How long things are kept, who decides that they go, and what proves that they have gone."""
