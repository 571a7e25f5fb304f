"""Which programs can run on this schema: each migration that was taken, and whether it only adds.

A step is an *expanding* one when a program that knows only the steps before it goes on working
beside it; a *contracting* one takes something away or demands something new
(docs/decisions/0021). An old program cannot know the steps of a newer one, so the database tells.
"""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from matchsvc.db import Base, retention

#: What a migration says of itself in ``kind``; one that says nothing only adds.
EXPAND, CONTRACT = "expand", "contract"


class SchemaStep(Base):
    """A migration that this database has taken. Written by migrations/env.py in the same step."""

    __tablename__ = "schema_step"
    __table_args__ = retention("reference")

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]


def fits(session: Session, newest: str) -> bool:
    """Whether a program can run on this database: the same schema, or one that only added since.

    Args:
        session: one that reads.
        newest: the newest migration that the program knows.
    """
    if session.scalar(text("select version_num from alembic_version")) == newest:
        return True
    own = select(SchemaStep.number).where(SchemaStep.revision == newest).scalar_subquery()
    later = select(SchemaStep.kind).where(SchemaStep.number > own)
    kinds = set(session.scalars(later))
    return kinds == {EXPAND}  # empty where the program's own steps are not all there yet
