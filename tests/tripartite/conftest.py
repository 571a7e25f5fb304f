"""A placement whose three parties are about to agree."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import time_machine

from matchsvc.tripartite.content import from_text
from matchsvc.tripartite.drafting import begin, save
from matchsvc.tripartite.signing import Signing, offer_for_signing, sign_version
from matchsvc.workday.signature_models import IdentifiedHow
from tests.factories import TODAY
from tests.placements.factories import NOW, started

WHEN = {"today": TODAY, "now": NOW}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def there(session, make):
    """A started placement, and ``there.do``: the acts of its case worker."""
    found = started(session, make)
    session.commit()
    key, actor = found.placement.id, found.actor

    def filled(**changes):
        row = begin(session, actor, key, today=TODAY)
        content = replace(
            from_text(row.content), **{"tasks": "Diska\nSkala", "times": "Mån–tors 9–12"} | changes
        )
        return save(session, actor, key, content, version=row.version, today=TODAY)

    def offered(**changes):
        row = filled(**changes)
        return offer_for_signing(session, actor, key, version=row.version, today=TODAY)

    def sign(row, capacity, **more):
        said = {
            "identified_how": IdentifiedHow.KNOWN,
            "shown_hash": row.content_hash,
            "signer_name": "Eva Prov" if capacity == "employer" else None,
        }
        signing = Signing(capacity=capacity, **said | more)
        return sign_version(session, actor, key, signing, **WHEN)

    def agreed(**changes):
        row = offered(**changes)
        for capacity in ("employer", "participant", "case_worker"):
            sign(row, capacity)
        session.commit()
        return row

    found.key = key
    found.do = SimpleNamespace(filled=filled, offered=offered, sign=sign, agreed=agreed)
    return found
