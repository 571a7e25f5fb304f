"""The participant's ten questions (domain.md 6.3) in the languages of her own page.

Swedish and English are those of the questionnaire; easy Swedish and Arabic are drafts that nobody
who has the language as their own has read, and the page says so.
"""

from __future__ import annotations

from matchsvc.placements.questionnaire import (
    CONTACT_ME,
    UNKNOWN,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
)

LANGUAGES = ("sv", "sv-easy", "en", "ar")
#: Languages whose words are a draft.
DRAFTS = frozenset({"sv-easy", "ar"})
PARTICIPANT_SURVEY = "participant-1"
#: How the steps of the scale are drawn beside their words: a face, and dots of five.
FACES = {"1": "frown", "2": "frown", "3": "meh", "4": "smile", "5": "smile"}


def _words(sv: str, easy: str, en: str, ar: str) -> dict[str, str]:
    return dict(zip(LANGUAGES, (sv, easy, en, ar), strict=True))


def _option(value: str, sv: str, easy: str, en: str, ar: str) -> Option:
    return Option(value, _words(sv, easy, en, ar))


_DONT_KNOW = _option(
    UNKNOWN,
    "Vet ej, eller vill inte svara",
    "Jag vet inte, eller vill inte svara",
    "Don't know, or don't want to answer",
    "لا أعرف أو لا أريد أن أجيب",
)
_AGREE = (
    _option("1", "Inte alls", "Nej, inte alls", "Not at all", "لا أبدًا"),
    _option("2", "I liten grad", "Bara lite", "To a small extent", "قليلًا"),
    _option("3", "Delvis", "Till en del", "Partly", "إلى حد ما"),
    _option("4", "I hög grad", "Ja, mycket", "To a large extent", "كثيرًا"),
    _option("5", "Helt och hållet", "Ja, helt", "Completely", "تمامًا"),
    _DONT_KNOW,
)
_CLOSER = (
    _option(
        "much", "Ja, mycket närmare", "Ja, mycket närmare", "Yes, much closer", "نعم، أقرب كثيرًا"
    ),
    _option(
        "little", "Ja, lite närmare", "Ja, lite närmare", "Yes, a little closer", "نعم، أقرب قليلًا"
    ),
    _option("same", "Samma som förut", "Samma som förut", "The same as before", "كما كان من قبل"),
    _option("further", "Längre ifrån", "Nej, längre bort", "Further away", "أبعد من قبل"),
    _DONT_KNOW,
)


def _scale(number: int, sv: str, easy: str, en: str, ar: str) -> Question:
    return Question(f"P{number}", QuestionKind.SCALE, _words(sv, easy, en, ar), _AGREE)


PARTICIPANT = Questionnaire(
    PARTICIPANT_SURVEY,
    (
        _scale(
            1,
            "Personalen lyssnade på mig och behandlade mig med respekt.",
            "Personalen lyssnade på mig. De visade respekt.",
            "Staff listened to me and treated me with respect.",
            "استمع إليّ الموظفون وعاملوني باحترام.",
        ),
        _scale(
            2,
            "Jag fick den information jag behövde.",
            "Jag fick veta det jag behövde.",
            "I got the information I needed.",
            "حصلت على المعلومات التي كنت بحاجة إليها.",
        ),
        _scale(
            3,
            "Jag blev rättvist behandlad.",
            "Jag blev rättvist behandlad.",
            "I was treated fairly.",
            "عوملت بعدل.",
        ),
        _scale(
            4,
            "Jag kunde påverka vilken plats och vilka tider det blev.",
            "Jag fick vara med och bestämma plats och tider.",
            "I could influence the place and the hours.",
            "كان لي رأي في اختيار المكان والأوقات.",
        ),
        _scale(
            5,
            "Arbetsuppgifterna passade mig.",
            "Jobbet jag gjorde passade mig.",
            "The tasks suited me.",
            "كانت مهام العمل مناسبة لي.",
        ),
        _scale(
            6,
            "Jag fick det stöd och de anpassningar jag behövde på arbetsplatsen.",
            "Jag fick den hjälp jag behövde på jobbet.",
            "I got the support and adjustments I needed at the workplace.",
            "حصلت على الدعم والتعديلات التي كنت بحاجة إليها في مكان العمل.",
        ),
        _scale(
            7,
            "Jag kände mig trygg på arbetsplatsen.",
            "Jag kände mig trygg på jobbet.",
            "I felt safe at the workplace.",
            "شعرت بالأمان في مكان العمل.",
        ),
        _scale(
            8,
            "Jag lärde mig något jag har nytta av.",
            "Jag lärde mig något som är bra för mig.",
            "I learned something useful.",
            "تعلمت شيئًا مفيدًا.",
        ),
        Question(
            "P9",
            QuestionKind.SINGLE,
            _words(
                "Är du närmare ett arbete eller en utbildning nu?",
                "Är du närmare ett jobb eller en skola nu?",
                "Are you closer to a job or studies now?",
                "هل أصبحت الآن أقرب إلى عمل أو دراسة؟",
            ),
            _CLOSER,
        ),
        Question(
            "P10",
            QuestionKind.TEXT,
            _words(
                "Vad var bra? Vad borde vi ändra?",
                "Vad var bra? Vad ska vi ändra?",
                "What was good? What should we change?",
                "ما الذي كان جيدًا؟ وما الذي يجب أن نغيّره؟",
            ),
            (
                _option(
                    CONTACT_ME,
                    "Jag vill att någon kontaktar mig",
                    "Jag vill att någon ringer mig",
                    "I want somebody to contact me",
                    "أريد أن يتصل بي أحد",
                ),
            ),
        ),
    ),
)

#: What stands around the questions, by language.
AROUND: dict[str, dict[str, str]] = {
    "title": _words(
        "Hur var din placering?",
        "Hur var din tid på jobbet?",
        "How was your placement?",
        "كيف كانت فترة تدريبك؟",
    ),
    "voluntary": _words(
        "Det är frivilligt. Du kan hoppa över frågor. Svaren ändrar inget för dig.",
        "Du bestämmer om du vill svara. Du kan hoppa över frågor. Svaren ändrar inget för dig.",
        "It is voluntary. You can skip questions. Your answers change nothing for you.",
        "الأمر اختياري. يمكنك تخطي أي سؤال. إجاباتك لا تغيّر شيئًا بالنسبة لك.",
    ),
    "who_reads": _words(
        "Arbetsgivaren får aldrig se dina svar. De räknas bara ihop med andras, minst fem.",
        "Arbetsgivaren får aldrig se dina svar. Vi räknar ihop dem med andras svar.",
        "The employer never sees your answers. They are only counted with others, at least five.",
        "لن يرى صاحب العمل إجاباتك أبدًا. تُحسب فقط مع إجابات آخرين، خمسة على الأقل.",
    ),
    "contact_hint": _words(
        "Då får din handläggare veta det. Annars vet ingen vad just du har svarat.",
        "Då får din handläggare veta det. Annars vet ingen vad du har svarat.",
        "Then your case worker is told. Otherwise nobody knows what you answered.",
        "عندها يُبلَّغ الموظف المسؤول عنك. وإلا فلن يعرف أحد ما أجبتَ به.",
    ),
    "number": _words(
        "Fråga {number} av {of}",
        "Fråga {number} av {of}",
        "Question {number} of {of}",
        "السؤال {number} من {of}",
    ),
    "begin": _words("Börja svara", "Börja svara", "Start answering", "ابدأ الإجابة"),
    "next": _words("Nästa", "Nästa", "Next", "التالي"),
    "back": _words("Tillbaka", "Tillbaka", "Back", "رجوع"),
    "skip": _words("Hoppa över", "Hoppa över", "Skip", "تخطَّ"),
    "send": _words("Skicka svaren", "Skicka svaren", "Send the answers", "أرسل الإجابات"),
    "decline": _words(
        "Jag vill inte svara", "Jag vill inte svara", "I don't want to answer", "لا أريد أن أجيب"
    ),
    "own_words": _words("Dina ord", "Dina ord", "Your words", "كلماتك"),
    "text_hint": _words(
        "Skriv inga namn och inget om hälsa.",
        "Skriv inga namn. Skriv inget om hälsa.",
        "Write no names and nothing about health.",
        "لا تكتب أسماء ولا شيئًا عن الصحة.",
    ),
    "careful": _words(
        "Det du skrev kan handla om en person eller om hälsa. Ändra texten, eller spara ändå.",
        "Du kanske skrev om en person eller om hälsa. Ändra texten, eller spara ändå.",
        "What you wrote may be about a person or about health. Change it, or save it anyway.",
        "قد يكون ما كتبته عن شخص أو عن الصحة. غيّر النص أو احفظه كما هو.",
    ),
    "keep": _words("Spara ändå", "Spara ändå", "Save anyway", "احفظه كما هو"),
    "thanks": _words(
        "Tack för svaren", "Tack för svaren", "Thank you for your answers", "شكرًا على إجاباتك"
    ),
    "over": _words(
        "Tiden är slut. Öppna din länk igen och fortsätt där du var.",
        "Tiden är slut. Öppna din länk igen. Du kan fortsätta.",
        "The time is up. Open your link again and go on where you were.",
        "انتهى الوقت. افتح الرابط مرة أخرى وتابع من حيث توقفت.",
    ),
    "draft": _words(
        "",
        "Texten på lätt svenska är ett utkast.",
        "",
        "الترجمة مسودة. النص السويدي هو المعتمد.",
    ),
}
