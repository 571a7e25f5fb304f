"""JSON of papers of a case."""

from __future__ import annotations

from matchsvc.participants.frame import CHANGERS
from matchsvc.participants.views_papers import find_case_papers
from matchsvc.workday.api_paper_desk import paper_api

api = paper_api("participant_papers", "/participants", find_case_papers, CHANGERS)
