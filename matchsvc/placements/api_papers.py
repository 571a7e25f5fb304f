"""JSON of papers of a placement."""

from __future__ import annotations

from matchsvc.placements.access import READERS
from matchsvc.placements.views_papers import find_placement_papers
from matchsvc.workday.api_paper_desk import paper_api

api = paper_api("placement_papers", "/placements", find_placement_papers, READERS)
