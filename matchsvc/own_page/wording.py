"""What answers and corrections are called on the pages of staff, and in the copy."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.own_page.models import CorrectionKind, CorrectionOutcome
from matchsvc.participants.presentation_models import PresentationSaid

SAID = {
    PresentationSaid.APPROVED: _l("Ja, det får visas"),
    PresentationSaid.CHANGE: _l("Något ska ändras först"),
    PresentationSaid.REFUSED: _l("Nej, inget får visas"),
}
CORRECTION = {
    CorrectionKind.WRONG: _l("Något är fel eller saknas"),
    CorrectionKind.DISSENT: _l("Egen mening"),
}
OUTCOME = {
    CorrectionOutcome.CORRECTED: _l("Rättat"),
    CorrectionOutcome.NOTED: _l("Antecknat bredvid det som stod"),
    CorrectionOutcome.KEPT: _l("Inte ändrat, med förklaring"),
}
