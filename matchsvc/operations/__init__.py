"""The unit's own workplaces: who is there today, who does what, what room there is (PLA-12, 13)."""
