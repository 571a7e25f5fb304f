"""JSON of papers of one answer about consent."""

from __future__ import annotations

from matchsvc.participants.frame import CHANGERS
from matchsvc.participants.views_papers import find_consent_papers
from matchsvc.workday.api_paper_desk import paper_api

api = paper_api("consent_papers", "/consents", find_consent_papers, CHANGERS)
