"""The list before a start: six things to go through with the participant, the rest at the site."""

from __future__ import annotations

#: PLA-14's six things; the participant ticks them too.
PREPARATION = (
    "expectations",
    "commitments",
    "working_hours",
    "work_environment",
    "rights",
    "conduct",
)
#: What the workplace does before the first day.
AT_THE_SITE = ("supervisor_introduced", "site_risks", "first_day")
CHECKLIST = (*PREPARATION, "agreement", *AT_THE_SITE)
