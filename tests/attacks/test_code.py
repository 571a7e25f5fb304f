"""What the code itself must not do, read from its syntax: one rule, every module."""

from __future__ import annotations

import ast
import re
import time
import warnings
from re import _parser as patterns

import pytest

from tests.test_house_rules import MODULES, ROOT, named

#: Names of what may be guessed a byte at a time when a comparison stops at the first wrong one.
SECRET = re.compile(
    r"^(?:.*_)?(?:tokens?|secrets?|secret_key|passwords?|passcode|digest|csrf|otp|totp|mac|api_key"
    r"|code_hash|token_hash|nonce|state|verifier|challenge)$"
)
#: What has such a name and is none: states of rows are words.
WORDS = {"state"}
TREES = {named(module): ast.parse(module.read_text("utf-8")) for module in MODULES}
PRODUCT = {name: tree for name, tree in TREES.items() if "/bench/" not in name}


def walk(kind):
    for name, tree in PRODUCT.items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield name, node


def last_name(node):
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def is_column(node):
    """``Model.column``: compared by the database, and only ever a hash."""
    return isinstance(node, ast.Attribute) and last_name(node.value)[:1].isupper()


def test_secrets_are_never_compared_byte_by_byte():
    """``hmac.compare_digest``, or the database by a hash: ``==`` tells how much was right."""
    harmless = {
        "matchsvc/config.py:self.secret_key == DEVELOPMENT_SECRET",  # at start, nobody waits
        # Hashes of 256 random bits: how far two of them agree says nothing of what was hashed.
        "matchsvc/accounts/own_logins.py:row.token_hash == this",
        "matchsvc/accounts/second_factor.py:row.new_for == secrecy.hash_token(token)",
    }
    found = []
    for name, node in walk(ast.Compare):
        if not any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
            continue
        sides = [node.left, *node.comparators]
        guessed = [
            each
            for each in sides
            if SECRET.match(last_name(each))
            and last_name(each) not in WORDS
            and not is_column(each)
        ]
        if guessed and not any(is_column(each) for each in sides):
            found.append(f"{name}:{ast.unparse(node)}")
    assert sorted(set(found) - harmless) == []


def imported():
    for name, node in walk((ast.Import, ast.ImportFrom)):
        if isinstance(node, ast.ImportFrom):
            yield name, node.module or ""
            yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)
        else:
            yield from ((name, alias.name) for alias in node.names)


#: Who may open a line to another machine, and to where: always an address of the settings.
TALKERS = {
    "matchsvc/messages/mail.py",  # SMTP_URL
    "matchsvc/messages/texts.py",  # SMS_URL
    "matchsvc/matching/cluster.py",  # the scheduler that a command names
    "matchsvc/accounts/oidc.py",  # OIDC_ISSUER, and what it names
    "matchsvc/demo/running.py",  # its own two processes
    "matchsvc/serve.py",  # answers; it asks nobody
}


def test_only_those_who_must_speak_to_other_machines():
    """What nobody can make us fetch cannot be forged (SSRF): no address comes from a request."""
    lines = re.compile(
        r"^(socket|ssl|http\.client|urllib\.request|urllib3|requests|httpx|aiohttp|smtplib|ftplib"
        r"|telnetlib|xmlrpc|socketserver|authlib|distributed|dask)(\.|$)"
    )
    assert {name for name, module in imported() if lines.match(module)} - TALKERS == set()


def test_nothing_that_was_stored_or_sent_becomes_code():
    """Neither pickles nor their like, nor XML with entities, nor words that are run."""
    never = re.compile(
        r"^(pickle|cPickle|dill|cloudpickle|shelve|marshal|joblib|jsonpickle|xml|lxml|pty|code)(\.|$)"
    )
    #: Writes pictures, and so escapes what stands in them; reads none.
    writes = "matchsvc/reports/pictures/canvas.py"
    assert [pair for pair in imported() if never.match(pair[1]) and pair[0] != writes] == []
    assert not re.search(
        r"\b(fromstring|parse|XML|iterparse)\(", (ROOT / writes).read_text("utf-8")
    )
    called = [
        f"{name}:{node.lineno} {ast.unparse(node)[:60]}"
        for name, node in walk(ast.Call)
        if last_name(node.func) in {"eval", "exec", "__import__", "render_template_string"}
        or ast.unparse(node.func) in {"os.system", "os.popen", "yaml.load", "yaml.unsafe_load"}
        or any(each.arg in {"allow_pickle", "shell"} and ast.unparse(each.value) != "False"
               for each in node.keywords)
    ]  # fmt: skip
    assert called == []


def test_no_process_is_started_with_words_of_a_request():
    """Only the demo starts any: its own two."""
    starters = {name for name, module in imported() if module.split(".")[0] == "subprocess"}
    assert starters <= {"matchsvc/demo/running.py"}


def test_certificates_are_always_checked():
    text = "\n".join(module.read_text("utf-8") for module in MODULES)
    for word in (
        "CERT_NONE",
        "_create_unverified_context",
        "check_hostname = False",
        "verify=False",
    ):
        assert word not in text


def test_chance_that_is_a_secret_comes_from_the_system():
    """``random`` is for what may be guessed: the demo's town, samples that are drawn."""
    users = {name for name, module in imported() if module.split(".")[0] == "random"}
    assert {name for name in users if not name.startswith("matchsvc/demo/")} <= {
        "matchsvc/learning/audit_sheet.py",
        "matchsvc/learning/views_years.py",
    }


def literal_patterns():
    """Every pattern that stands in the code: where, how it is asked, the pattern."""
    for name, node in walk(ast.Call):
        if not (isinstance(node.func, ast.Attribute) and last_name(node.func.value) == "re"):
            continue
        try:
            given = ast.literal_eval(node.args[0]) if node.args else None
        except ValueError:
            continue
        if isinstance(given, str | bytes):
            how = node.func.attr if node.func.attr in {"match", "fullmatch"} else "search"
            yield name, how, given


PATTERNS = sorted(set(literal_patterns()), key=str)
MANY = patterns.MAXREPEAT


def repeats(parsed, *, inside=False):
    """Whether something that may repeat without end holds something that may too."""
    for kind, value in parsed:
        if str(kind) in {"MAX_REPEAT", "MIN_REPEAT"}:
            _least, most, inner = value
            endless = most is MANY or most > 50
            if endless and inside:
                yield inner
            yield from repeats(inner, inside=inside or endless)
        elif str(kind) == "SUBPATTERN":
            yield from repeats(value[-1], inside=inside)
        elif str(kind) == "BRANCH":
            for each in value[1]:
                yield from repeats(each, inside=inside)
        elif str(kind) in {"ASSERT", "ASSERT_NOT"}:
            yield from repeats(value[1], inside=inside)


def test_there_are_patterns_to_look_at():
    assert len(PATTERNS) > 40


def test_no_pattern_repeats_what_repeats():
    """The shape whose time doubles with each letter (ReDoS)."""
    found = []
    for where, _how, pattern in PATTERNS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nested = list(repeats(patterns.parse(pattern)))
        if nested:
            found.append((where, pattern))
    assert found == []


PUMPS = ("a", "1", " ", "\n", "-", ".", ",", "@", "a ", "1 ", "a1", "a.", "a@", "1-", "<", "<f")
PUMPS += ("%", "\\", "'", '"', "=", "å", "\u00a0", "a,b;", "0.", "#", "*", "http://", "(", "{", "/")
LENGTH = 3_000


@pytest.mark.parametrize(("where", "how", "pattern"), PATTERNS)
def test_no_pattern_takes_long_for_anything_that_is_typed(where, how, pattern):
    """More letters than most fields take; what grows with their square still takes a moment."""
    compiled, slow = re.compile(pattern), []
    for pump in PUMPS:
        for text in (
            pump * (LENGTH // len(pump)) + "!",
            "1" + pump * (LENGTH // len(pump)) + "\n x",
        ):
            given = text.encode() if isinstance(pattern, bytes) else text
            begun = time.process_time()
            getattr(compiled, how)(given)
            if (took := time.process_time() - begun) > 0.25:
                slow.append((pump, round(took, 2)))
    assert slow == [], where


def test_what_a_paper_says_is_text_and_never_typst():
    """No template runs what it is given, reads a file or fetches a package: words come as JSON."""
    files = sorted((ROOT / "matchsvc").rglob("*.typ"))
    assert files
    for file in files:
        code = re.sub(r"//.*", "", file.read_text("utf-8"))
        assert not re.search(r"\b(eval|plugin|read|yaml|toml|csv|xml|cbor)\(|@preview", code), file
