"""What papers are called on a page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.workday.paper_checks import MediaType
from matchsvc.workday.paper_models import PaperKind

KIND = {
    PaperKind.CONSENT: _l("Samtycke på papper"),
    PaperKind.DECISION: _l("Beslut"),
    PaperKind.AGREEMENT: _l("Avtal eller överenskommelse"),
    PaperKind.CERTIFICATE: _l("Intyg eller betyg"),
    PaperKind.OTHER: _l("Annat"),
}
MEDIA = {
    MediaType.PDF: _l("PDF"),
    MediaType.JPEG: _l("Foto eller bild"),
    MediaType.PNG: _l("Foto eller bild"),
}
