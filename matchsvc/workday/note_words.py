"""What categories and classes of notes are called on a page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.workday.note_models import NoteCategory, Secrecy

CATEGORY = {
    NoteCategory.CONTACT: _l("Samtal eller kontakt"),
    NoteCategory.PLANNING: _l("Planering"),
    NoteCategory.TRAINING: _l("Arbetsplats"),
    NoteCategory.AUTHORITY: _l("Annan myndighet"),
    NoteCategory.DECISION: _l("Beslut eller ställningstagande"),
    NoteCategory.OTHER: _l("Övrigt"),
}
SECRECY = {
    Secrecy.STANDARD: _l("Alla som får läsa ärendet"),
    Secrecy.CLOSE: _l("Bara den som skrev och ansvariga handläggare"),
}
