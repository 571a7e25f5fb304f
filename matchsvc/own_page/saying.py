"""Words of the page for a template: in the language chosen, beside drafts in Swedish too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.lists import format_list
from markupsafe import Markup

from matchsvc.own_page.texts import FIRST, Language, Text, day_in, languages, say


@dataclass(frozen=True, slots=True)
class Saying:
    """What the templates call.

    Attributes:
        language: the one chosen.
    """

    language: Language

    @classmethod
    def in_(cls, code: str) -> Saying:
        """Words in a language; in Swedish when there is no such."""
        known = languages()
        return cls(known.get(code, known[FIRST]))

    @property
    def is_draft(self) -> bool:
        """Whether anything the page says in this language is a draft."""
        return any(text.is_draft for text in self.language.texts.values())

    def text(self, key: str, **values: object) -> str:
        """The bare words, for a title."""
        return say(self.language.code, key, **values).text

    def day(self, day: date) -> str:
        """A day as the language writes it."""
        return day_in(day, self.language)

    def weekdays(self, mask: int) -> str:
        """Days of the week, bit 0 is Monday, as the language writes them."""
        names = self.language.locale.days["format"]["wide"]
        return format_list(
            [names[bit] for bit in range(7) if mask & 1 << bit], locale=self.language.locale
        )

    def t(self, key: str, **values: object) -> Markup:
        """The words; marked where they are not in the language of the page around them."""
        return self._mark(say(self.language.code, key, **values))

    def _mark(self, said: Text) -> Markup:
        if (said.lang, said.dir) == (self.language.lang, self.language.dir):
            return Markup("<span>{}</span>").format(said.text)
        marked = Markup('<span lang="{}" dir="{}">{}</span>')
        return marked.format(said.lang, said.dir, said.text)

    def both(self, key: str, **values: object) -> Markup:
        """The words, and beside a draft the Swedish, which is what counts."""
        said = say(self.language.code, key, **values)
        first = say(FIRST, key, **values)
        if not said.is_draft or said.text == first.text:
            return self._mark(said)
        beside = Markup(' <span class="beside" lang="sv" dir="ltr">{}</span>').format(first.text)
        return self._mark(said) + beside
