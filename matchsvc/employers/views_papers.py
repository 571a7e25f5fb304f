"""Papers of an employer: agreements and the like, read by the unit."""

from __future__ import annotations

from matchsvc.employers.access import READERS
from matchsvc.employers.views_notes import find_employer_notes
from matchsvc.workday.paper_models import PaperKind
from matchsvc.workday.views_papers import paper_pages

#: As secret as notes about it: who reads those reads these.
find_employer_papers = find_employer_notes
employer_papers = paper_pages(find_employer_papers, READERS, usual=PaperKind.AGREEMENT)
