"""What the parts of the unit's own operations are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.operations.models import OperationArea

AREA = {
    OperationArea.GREENHOUSE: _l("Växthus"),
    OperationArea.GARDEN_SERVICE: _l("Servicegrupp: trädgård och snö"),
    OperationArea.INTERNAL_SERVICE: _l("Servicegrupp: intern service"),
    OperationArea.TRANSPORTS: _l("Servicegrupp: transporter"),
    OperationArea.OTHER: _l("Annan egen verksamhet"),
}
