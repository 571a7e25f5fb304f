"""Language of the reader, translations, and how dates and numbers read in words.

Swedish is written in the code and the templates; English stands in one ``.po`` file a package
under ``translations/en``, read at start, so there is nothing to compile and nothing to forget.
"""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, request
from flask_babel import Babel, Domain, gettext
from flask_babel import get_locale as babel_locale

from matchsvc.swedish import STOCKHOLM

LANGUAGES = ("sv", "en")
COOKIE = "lang"
TRANSLATIONS = Path(__file__).parent / "translations"
_DAYS = {
    "sv": ("mån", "tis", "ons", "tor", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_LONG_DAYS = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_SV_MONTHS = (
    *("januari", "februari", "mars", "april", "maj", "juni"),
    *("juli", "augusti", "september", "oktober", "november", "december"),
)
_EN_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LONG_MONTHS = {"sv": _SV_MONTHS, "en": _EN_MONTHS}
#: Swedish writes mars, juni and juli in full even where it shortens.
_MONTHS = {
    "sv": tuple(m if m in {"mars", "juni", "juli"} else m[:3] for m in _SV_MONTHS),
    "en": tuple(m[:3] for m in _EN_MONTHS),
}


class PoDomain(Domain):  # type: ignore[misc]
    """Translations read from every ``.po`` file of a language, merged once."""

    def __init__(self) -> None:
        super().__init__(domain="messages")
        self._loaded: dict[str, Translations] = {}

    def get_translations(self) -> Translations:
        """Translations for the reader's language; Swedish needs none."""
        language = language_of_reader()
        if language not in self._loaded:
            self._loaded[language] = load_translations(language)
        return self._loaded[language]


def load_catalogs(language: str) -> dict[str, Catalog]:
    """Every ``.po`` file of a language by name."""
    found = {}
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        with path.open("rb") as lines:
            found[path.stem] = read_po(lines, locale=language)
    return found


def load_translations(language: str) -> Translations:
    """All ``.po`` files of a language merged into one."""
    merged = Catalog(locale=language)
    for catalog in load_catalogs(language).values():
        for message in catalog:
            if message.id:
                merged[message.id] = message
    buffer = BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    return Translations(buffer)


def language_of_reader() -> str:
    """``sv`` or ``en``, outside a request Swedish."""
    locale = babel_locale()
    return locale.language if locale is not None and locale.language in LANGUAGES else "sv"


def choose_language() -> str:
    """By ``?lang=``, then the cookie, then the browser; Swedish first."""
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(LANGUAGES, default="sv") or "sv"


def init_app(app: Flask) -> None:
    """Set up languages and the filters that pages use for dates and numbers."""
    domain = PoDomain()

    class _Babel(Babel):  # type: ignore[misc]
        pass

    babel = _Babel(app, locale_selector=choose_language, default_locale="sv")
    app.extensions["babel"].default_domain = "messages"
    app.extensions["babel"].instance = babel
    app.before_request(lambda: _use(domain))
    for name, function in {
        "day": day_words,
        "long_day": long_day_words,
        "month": month_words,
        "clock": clock_words,
        "number": number_words,
        "decimal": decimal_words,
        "yes_no": yes_no_words,
    }.items():
        app.jinja_env.filters[name] = function

    @app.after_request
    def remember_language(response: Response) -> Response:
        wish = request.args.get("lang")
        if wish in LANGUAGES and request.cookies.get(COOKIE) != wish:
            response.set_cookie(
                COOKIE,
                str(wish),
                max_age=365 * 24 * 3600,
                httponly=True,
                samesite="Lax",
                secure=bool(app.config["SESSION_COOKIE_SECURE"]),
            )
        return response


def _use(domain: Domain) -> None:
    domain.as_default()


def day_words(value: date | datetime | None, *, weekday: bool = True, year: bool = False) -> str:
    """``tor 26 nov``; with ``year``, ``tor 26 nov 2026``. An instant reads as Stockholm's day."""
    if value is None:
        return ""
    day = value.astimezone(STOCKHOLM).date() if isinstance(value, datetime) else value
    language = language_of_reader()
    words = [_DAYS[language][day.weekday()]] if weekday else []
    words += [str(day.day), _MONTHS[language][day.month - 1]]
    if year:
        words.append(str(day.year))
    return " ".join(words)


def long_day_words(day: date, *, plain: bool = False) -> str:
    """``måndag 23 november 2026``; ``plain`` leaves weekday and year out."""
    language = language_of_reader()
    words = f"{day.day} {_LONG_MONTHS[language][day.month - 1]}"
    return words if plain else f"{_LONG_DAYS[language][day.weekday()]} {words} {day.year}"


def month_words(day: date, *, year: bool = False) -> str:
    """``november`` or ``november 2026``."""
    name = _LONG_MONTHS[language_of_reader()][day.month - 1]
    return f"{name} {day.year}" if year else name


def clock_words(instant: datetime) -> str:
    """``10.00`` in Stockholm; ``10:00`` in English."""
    separator = "." if language_of_reader() == "sv" else ":"
    return instant.astimezone(STOCKHOLM).strftime(f"%H{separator}%M")


def number_words(value: int) -> str:
    """``18 798`` with a no-break space; ``18,798`` in English."""
    return f"{value:,}".replace(",", "\u00a0" if language_of_reader() == "sv" else ",")


def decimal_words(value: float, digits: int = 1) -> str:
    """``3,9``; ``3.9`` in English."""
    shown = f"{value:.{digits}f}"
    return shown.replace(".", ",") if language_of_reader() == "sv" else shown


def yes_no_words(value: bool | None) -> str:  # noqa: FBT001 - a template filter
    """``Ja``, ``Nej`` or ``Vet ej``."""
    if value is None:
        return str(gettext("Vet ej"))
    return str(gettext("Ja") if value else gettext("Nej"))


def json_default(value: Any) -> Any:
    """How dates, instants and ids stand in JSON."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
