"""Finding the sites that rows name by their external ids."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from matchsvc.employers.models import Employer, Site
from matchsvc.errors import N_
from matchsvc.imports.columns import Parsed
from matchsvc.imports.values import CellError, nearest
from matchsvc.swedish import sort_key
from matchsvc.workday.archivable import stands

_MOST_SUGGESTIONS = 50


class Sites:
    """The unit's sites that some rows name, with their employers; read at once.

    Args:
        session: a transaction.
        unit_id: whose sites.
        rows: the rows.
        key: the column that names the site.
    """

    def __init__(self, session: Session, unit_id: UUID, rows: Iterable[Parsed], key: str) -> None:
        self._session, self._unit_id = session, unit_id
        self._suggested = 0
        self._known: list[Site] | None = None
        named = {row.given(key) for row in rows} - {None}
        self._by_id: dict[str, list[Site]] = {}
        for site in session.scalars(self._sites().where(Site.external_id.in_(named))):
            self._by_id.setdefault(site.external_id, []).append(site)

    def _sites(self) -> Select[Site]:
        return (
            select(Site)
            .join(Employer, Employer.id == Site.employer_id)
            .where(Employer.unit_id == self._unit_id, stands(Employer))
            .options(joinedload(Site.employer))
            .order_by(Site.sort_key, Site.id)
        )

    def find(self, written: str) -> Site:
        """The site with that id.

        Raises:
            CellError: none has it, or two have; with those that were probably meant.
        """
        found = self._by_id.get(written, [])
        if len(found) == 1:
            return found[0]
        if found:
            raise CellError(
                "site_ambiguous",
                N_("Två arbetsställen har det id:t, hos %(one)s och %(other)s. Byt id på det ena."),
                one=found[0].employer.name,
                other=found[1].employer.name,
            )
        raise self._unknown(written)

    def _unknown(self, written: str) -> CellError:
        plain = CellError(
            "unknown_site",
            N_("Arbetsstället finns inte. Importera arbetsgivaren först, eller rätta id:t."),
        )
        self._suggested += 1
        if self._suggested > _MOST_SUGGESTIONS:
            return plain
        key = sort_key(written)
        named = list(
            self._session.scalars(
                self._sites()
                .where(or_(Site.sort_key == key, Site.sort_key.startswith(key)))
                .limit(3)
            )
        )
        if len(named) > 1:
            return CellError(
                "site_ambiguous",
                N_("Två arbetsställen heter så. Skriv %(one)s eller %(other)s."),
                one=f"{named[0].external_id} ({named[0].name})",
                other=f"{named[1].external_id} ({named[1].name})",
            )
        if named:
            return CellError(
                "unknown_site",
                N_("Skriv arbetsställets id, inte dess namn. Menade du %(near)s?"),
                near=named[0].external_id,
            )
        near = self._nearest_id(written)
        if near:
            return CellError(
                "unknown_site", N_("Arbetsstället finns inte. Menade du %(near)s?"), near=near
            )
        return plain

    def _nearest_id(self, written: str) -> str | None:
        if self._known is None:
            self._known = list(self._session.scalars(self._sites()))
        return nearest(written, [site.external_id for site in self._known])
