"""JSON of notes about a participant."""

from __future__ import annotations

from matchsvc.participants.frame import CHANGERS
from matchsvc.participants.views_notes import find_case_notes
from matchsvc.workday.api_note_desk import note_api

api = note_api("participant_notes", "/participants", find_case_notes, CHANGERS)
