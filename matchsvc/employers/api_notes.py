"""JSON of notes about an employer."""

from __future__ import annotations

from matchsvc.employers.access import READERS
from matchsvc.employers.views_notes import find_employer_notes
from matchsvc.workday.api_note_desk import note_api

api = note_api("employer_notes", "/employers", find_employer_notes, READERS)
