"""What can go wrong, in the words of the service. HTTP codes live in web/problems.py.

Messages are written in Swedish and marked with :func:`N_`; the page or the API translates them
for its reader. An error may name fields, so that a form can show each message where it belongs.
"""

from __future__ import annotations

from collections.abc import Mapping


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a Swedish message for translation where it is raised; translated where it is shown."""
    return message


class Phrase(str):
    """A value of a message that is itself a marked Swedish text, translated where it is shown."""

    __slots__ = ()


class DomainError(Exception):
    """Base of every error a caller is expected to handle.

    - NotFound: the thing asked for does not exist, or is hidden from this reader.
    - Refused: the reader is known but may not do this.
    - RuleViolation: the request is well formed but a rule does not allow it.
    - Conflict: somebody else saved the same thing first.
    - Invalid: the request does not have the right shape.

    Args:
        code: stable snake_case name that programs may rely on.
        message: Swedish sentence saying what is wrong and how to mend it.
        fields: messages by field name, for forms.
        values: what to put into the ``%(name)s`` places of the message after translation.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message % values if values else message)
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.values = dict(values or {})


class NotFound(DomainError):  # noqa: N818 - reads as a sentence: raise NotFound
    """The thing asked for does not exist, or is hidden from this reader: the same answer."""

    def __init__(self, what: str = "") -> None:
        super().__init__(
            "not_found",
            N_("Det du söker finns inte, eller så får du inte se det."),
        )
        self.what = what  # for the log of refusals, never shown


class Refused(DomainError):  # noqa: N818
    """The reader is known but has no right to this."""

    def __init__(self, code: str = "refused", message: str | None = None) -> None:
        super().__init__(
            code,
            message or N_("Din roll får inte göra det här. Be din chef om du behöver kunna det."),
        )


class RuleViolation(DomainError):  # noqa: N818
    """The request is well formed but the service does not allow it."""


class Conflict(DomainError):  # noqa: N818
    """Somebody else saved the same thing since it was read.

    Args:
        theirs: what is saved now, by field, to be shown beside what was typed.
    """

    def __init__(self, theirs: Mapping[str, object] | None = None) -> None:
        super().__init__(
            "conflict",
            N_(
                "Någon annan har sparat samtidigt. Inget av det du skrev är borta: "
                "jämför, ändra och spara igen."
            ),
        )
        self.theirs = dict(theirs or {})


class Invalid(DomainError):  # noqa: N818
    """The request does not have the right shape; every field's message at once."""

    def __init__(self, fields: Mapping[str, str], code: str = "invalid") -> None:
        super().__init__(code, N_("Rätta det som är markerat och spara igen."), fields=fields)


class TooLarge(Invalid):
    """What came is larger than what is taken; the field says how to make it smaller."""
