"""People, their cases, competences, wishes, needs, and who may see them."""
