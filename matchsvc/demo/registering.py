"""What the register of employers remembers in the town: a summer with fewer places, a way in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import rules as accounts
from matchsvc.employers.models import Employer, EmployerStatus, Site
from matchsvc.employers.offer_calendar import Period, set_site_periods
from matchsvc.employers.sites import edit_site, site_content_of
from matchsvc.swedish import add_months

_WAYS_IN = (
    "Två trappsteg vid entrén, ramp på baksidan. Buss 4 stannar vid porten.",
    "Allt i markplan. Tio minuter att gå från stationen.",
    "Hiss till våning 2. Parkering på gården, säg till i receptionen.",
)


def build_register(session: Session, *, today: date) -> None:
    """Write how one gets to the first workplaces, and what one of them can take in summer."""
    sites = session.scalars(
        select(Site)
        .join(Employer, Employer.id == Site.employer_id)
        .where(Employer.status == EmployerStatus.ACTIVE, Employer.owner_id.is_not(None))
        .options(selectinload(Site.conditions), selectinload(Site.employer))
        .order_by(Employer.sort_key, Site.sort_key)
        .limit(len(_WAYS_IN))
    ).all()
    for site, words in zip(sites, _WAYS_IN, strict=False):
        owner = accounts.actor_of(session, site.employer.owner_id)  # type: ignore[arg-type]
        content = replace(site_content_of(site), access_note=words)
        edit_site(session, owner, site.id, content, today=today, version=site.version)
    if not sites:
        return
    first = sites[0]
    year = today.year if today.month < 6 else today.year + 1
    start = date(year, 6, 15)
    summer = Period(first_day=start, last_day=add_months(start, 2), places=1, supervisors=1)
    owner = accounts.actor_of(session, first.employer.owner_id)  # type: ignore[arg-type]
    set_site_periods(session, owner, first.id, [summer])
