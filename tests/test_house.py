"""The house keeps its own order: the floors, the packages they may import, the translations, the files."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from jiaohao.queue import language
from rules_report import known_rules

ROOT = Path(__file__).parent.parent
FLOORS = ("store", "queue", "tui")

# What each floor may import of the house.
STANDS_ON = {"store": {"store"}, "queue": {"store", "queue"}, "tui": {"store", "queue", "tui"}}

# The only floor that may import these packages.
HOME = {
    "apsw": "store",
    "escpos": "tui",
    "peewee": "store",
    "playhouse": "store",
    "psycopg": "store",
    "psycopg_pool": "store",
    "textual": "tui",
}

SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _imports(path: Path) -> list[tuple[int, str]]:
    """Every module that a file imports anywhere in it, with the line."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def _run(*code: str) -> str:
    done = subprocess.run(
        [sys.executable, *code], cwd=ROOT, check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_there_are_sources() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(FLOORS)


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_nothing_looks_up(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0]
    up = [
        f"line {line}: {module}"
        for line, module in _imports(path)
        if module.startswith("jiaohao.") and module.split(".")[1] not in STANDS_ON[floor]
    ]
    assert not up, f"{floor} stands on {sorted(STANDS_ON[floor])} alone"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_package_is_imported_on_its_own_floor_only(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0]
    strangers = [
        f"line {line}: {module}"
        for line, module in _imports(path)
        if HOME.get(module.split(".")[0], floor) != floor
    ]
    assert not strangers


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_the_house_is_imported_by_its_whole_name(path: Path) -> None:
    # From the root, `import store` would make a second copy of every module of the floor.
    short = [
        f"line {line}: {module}"
        for line, module in _imports(path)
        if module.startswith((".", "queue.queue")) or module.split(".")[0] in {"store", "tui"}
    ]
    assert not short


def test_the_standard_librarys_queue_is_left_alone() -> None:
    assert not (ROOT / "queue" / "__init__.py").exists()
    assert not list((ROOT / "tests").glob("queue*"))
    found = _run("-c", "import asyncio.threads, queue, textual.app; queue.Queue(); print(queue.__file__)")
    assert Path(found).parent == Path(ast.__file__).parent


def test_the_standard_librarys_queue_is_left_alone_under_pytest() -> None:
    import queue  # noqa: PLC0415 - how pytest was started is what is asked

    assert Path(queue.__file__).parent == Path(ast.__file__).parent


def test_a_headless_command_loads_no_textual() -> None:
    code = (
        "import sys, jiaohao.tui.main; jiaohao.tui.main._build(); "
        "print([name for name in sys.modules if name.startswith('textual')])"
    )
    assert _run("-c", code) == "[]"


def test_the_program_starts_as_a_module_too() -> None:
    assert "jiaohao" in _run("-m", "jiaohao.tui.main", "--help")


# Rules


def _marks(path: Path) -> list[tuple[int, object]]:
    """Every argument of a rule mark in a file of tests, with its line."""
    return [
        (node.lineno, argument.value if isinstance(argument, ast.Constant) else ast.unparse(argument))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pytest.mark.rule", "mark.rule"}
        for argument in node.args
    ]


def test_every_rule_that_a_test_names_is_in_the_book() -> None:
    known = known_rules()
    assert len(known) == len(set(known))
    unknown = [
        f"{_name(path)}:{line} {rule}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, rule in _marks(path)
        if rule not in known
    ]
    assert not unknown


@pytest.mark.parametrize(
    "code",
    [
        "@pytest.mark.skip(reason='later')\ndef test_it():\n    pass",
        "def test_it():\n    pytest.skip('not here')",
        "pytest.importorskip('there_is_no_such_package')\ndef test_it():\n    pass",
    ],
    ids=["marked", "called", "file"],
)
def test_nothing_is_skipped_under_ci(tmp_path: Path, code: str) -> None:
    (tmp_path / "test_it.py").write_text(f"import pytest\n{code}\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for ci, passes in (("true", False), ("", True)):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", str(tmp_path)],
            cwd=tmp_path,
            env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT / "tests")},
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        # Without CI a file that was skipped leaves no test to run, which pytest says with its code 5.
        assert (done.returncode in {0, 5}) == passes, done.stdout
        assert ("under CI nothing may be skipped" in done.stdout) != passes


# Translations


@cache
def _texts() -> dict[str | tuple[str, str], str]:
    """Every text of the sources that is to be translated, and where the first of its kind stands."""
    found: dict[str | tuple[str, str], str] = {}
    for floor in FLOORS:
        for file, line, text, _comments, _context in extract_from_dir(ROOT / floor):
            found.setdefault(text, f"{floor}/{file}:{line}")
    return found


def _catalog() -> dict[str | tuple[str, str], tuple[str, ...]]:
    source = ROOT / "queue" / "locale" / "zh_CN" / "LC_MESSAGES" / "jiaohao.po"
    with source.open("rb") as file:
        catalog = read_po(file, locale="zh_CN")
    return {
        message.id: ()
        if message.fuzzy
        else (message.string if isinstance(message.string, tuple) else (message.string,))
        for message in catalog
        if message.id
    }


def test_every_text_has_its_chinese() -> None:
    catalog = _catalog()
    missing = [
        f"{place} {text!r}"
        for text, place in _texts().items()
        if not catalog.get(text) or not all(catalog[text])
    ]
    assert not missing, "make catalog, then translate"


def test_no_translation_outlives_its_text() -> None:
    assert set(_catalog()) <= set(_texts()), "make catalog"


def _placeholders(text: str) -> set[str | None]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text)} - {None}


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    wrong = [
        f"{text!r} {string!r}"
        for text, strings in _catalog().items()
        for string in strings
        if string and _placeholders(string) != _placeholders(text if isinstance(text, str) else text[1])
    ]
    assert not wrong


def test_chinese_has_one_word_for_one_thing() -> None:
    other_words = ("流水", "登记簿", "何人", "移走", "窗口台", "报短", "报长", "PIN", "Enter")
    strings = [string for strings in _catalog().values() for string in strings]
    assert [string for string in strings if any(word in string for word in other_words)] == []


def test_rows_of_keys_are_written_alike_in_chinese() -> None:
    rows = [
        strings[0] for text, strings in _catalog().items() if str(text).endswith("Esc: back") or _is_key(text)
    ]
    assert len(rows) > 40
    assert [row for row in rows if ": " in row or "：" not in row] == []


def _is_key(text: str | tuple[str, str]) -> bool:
    return re.match(r"(Enter|Esc|Tab|Space|F[0-9]+): ", str(text)) is not None


def test_both_languages_speak() -> None:
    text = next(text for text, strings in _catalog().items() if isinstance(text, str) and strings != (text,))
    assert language.gettext(text) == _catalog()[text][0]
    language.use("en")
    assert (language.language(), language.gettext(text)) == ("en", text)
    assert language.ngettext("{count} minute", "{count} minutes", 2) == "{count} minutes"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="tlh"):
        language.use("tlh")
    assert language.language() == "zh_CN"


def test_a_missing_catalog_is_said_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_LOCALE", tmp_path)
    language._catalog.cache_clear()
    try:
        with pytest.raises(language.CatalogMissingError, match="zh_CN"):
            language.gettext("waiting")
    finally:
        language._catalog.cache_clear()


# Files


def _files() -> list[Path]:
    """What is in the repository, or would be with the next commit; without git, what make did not make."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        made = {".venv", "build", "dist", "__pycache__"}
        return [path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.parts)]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


# Put together here, so that this file does not find itself.
_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.",
    "deb." + "debian.org",
    "--index" + "-url",
    "--find" + "-links",
)
_MACHINE = re.compile(r"(?<![\w.$}])/(?:home|Users|root|work|opt|mnt|workspace)/[\w.-]+|\b[A-Z]:\\\\Users")


def test_no_file_knows_a_registry_or_a_machine() -> None:
    found = []
    for path in _files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{_name(path)}: {host}" for host in _HOSTS if host in text]
        found += [f"{_name(path)}: {match}" for match in _MACHINE.findall(text)]
    assert not found


def test_the_constraints_pin_every_package_with_its_hashes() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    loose = [line.split()[0] for line in lines if "==" not in line.split()[0] or "--hash=sha256:" not in line]
    assert not loose
    pinned = {line.split("==")[0] for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = {
        re.split(r"[\[<>=]", requirement)[0].lower()
        for requirement in (
            *project["build-system"]["requires"],
            *project["project"]["dependencies"],
            *extras["postgres"],
            *extras["printer"],
            *extras["dev"],
        )
    }
    assert wanted - {"jiaohao"} <= pinned, "make constraints"
