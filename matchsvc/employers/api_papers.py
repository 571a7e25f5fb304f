"""JSON of papers of an employer."""

from __future__ import annotations

from matchsvc.employers.access import READERS
from matchsvc.employers.views_papers import find_employer_papers
from matchsvc.workday.api_paper_desk import paper_api

api = paper_api("employer_papers", "/employers", find_employer_papers, READERS)
