"""What strangers, typos and broken files may send: a corpus of what once broke or nearly, and the dice's own.

``tests/fuzz.py`` goes on for as long as one likes (``docs/fuzzing.md``).
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import strategies as st

import fuzzing
from fuzzing import TARGETS, WAIT_S, WORDS, Target, corpus, fuzz, hides_nothing, restores, to_bytes
from jiaohao.store import feed
from jiaohao.store.base import Word
from jiaohao.store.postgres import PostgresStore
from small_hall import open_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXAMPLES = 150
OF_COMMANDS = 50
"""A command opens the hall anew, and some try a PIN."""
OF_RESTORES = 40
"""A backup is read wholly, twice."""
SLOW = {"commands": OF_COMMANDS, "restores": OF_RESTORES}


@pytest.mark.parametrize("make", TARGETS)
def test_what_once_broke_breaks_no_more(make: Callable[[Path], Any], tmp_path: Path) -> None:
    with make(tmp_path) as target:
        kept = corpus(target.name)
        assert kept
        for example in kept:
            target.attempt(example)


@pytest.mark.parametrize("make", TARGETS)
def test_nothing_that_the_dice_find_breaks_it(make: Callable[[Path], Any], tmp_path: Path) -> None:
    with make(tmp_path) as target:
        examples = SLOW.get(target.name, EXAMPLES)
        assert fuzz(target, examples, None) >= examples


def test_no_notification_of_a_stranger_hides_a_real_one(fresh_pg_url: str) -> None:
    site, _clock = open_site(fresh_pg_url)
    assert isinstance(site.store, PostgresStore)
    ear = site.store.listen()
    with psycopg.connect(fresh_pg_url, autocommit=True) as stranger:

        def say(text: str) -> None:
            payload = to_bytes(text).decode(errors="replace").replace("\0", "")
            stranger.execute("SELECT pg_notify(%s, %s)", (site.store.channel, payload))

        target = Target("words", WORDS, functools.partial(hides_nothing, ear, say, site.store.tell))
        for example in corpus(target.name):
            target.attempt(example)
        assert fuzz(target, EXAMPLES, None) >= EXAMPLES
    ear.close()
    site.store.close()


def test_no_harmed_backup_harms_a_hall_on_postgres(fresh_pg_url: str, tmp_path: Path) -> None:
    with restores(tmp_path, fresh_pg_url) as target:
        for example in corpus(target.name):
            target.attempt(example)
        assert fuzz(target, OF_RESTORES // 2, None) >= OF_RESTORES // 2


def test_what_breaks_is_found_made_small_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "CORPUS", tmp_path)
    (tmp_path / "sums.json").write_text("[]", encoding="utf-8")

    def attempt(numbers: list[int]) -> None:
        assert sum(numbers) < 1000

    with pytest.raises(AssertionError):
        fuzz(Target("sums", st.lists(st.integers(0, 2000)), attempt), 500, 1)
    assert corpus("sums") == [[1000]]


def test_a_flood_of_words_keeps_no_listener_from_answering(tmp_path: Path) -> None:
    ear = feed.DatagramListener(tmp_path / "hall.db")
    stopped = threading.Event()

    def flood() -> None:
        while not stopped.is_set():
            feed.tell(str(feed.folder(tmp_path / "hall.db")), Word(1, frozenset({"9"})))

    flooding = [threading.Thread(target=flood) for _ in range(3)]
    for thread in flooding:
        thread.start()
    try:
        assert all(ear.wait(WAIT_S) for _ in range(20))
    finally:
        stopped.set()
        for thread in flooding:
            thread.join()
        ear.close()


def test_a_window_with_a_chinese_name_hears_its_own_changes(tmp_path: Path) -> None:
    ear = feed.DatagramListener(tmp_path / "hall.db")
    feed.tell(str(feed.folder(tmp_path / "hall.db")), Word(5, frozenset({"综合一"})))
    word = ear.wait(WAIT_S)
    assert word is not None
    assert not word.is_elsewhere("综合一")
    ear.close()


def test_where_a_word_may_have_been_lost_it_may_be_about_any_window(tmp_path: Path) -> None:
    ear = feed.DatagramListener(tmp_path / "hall.db")
    for number in range(1, 600):  # more than any mailbox takes
        feed.tell(str(feed.folder(tmp_path / "hall.db")), Word(number, frozenset({"9"})))
    word = ear.wait(WAIT_S)
    assert word is not None
    assert not word.is_elsewhere("1")
    ear.close()


def test_of_two_words_nothing_is_known_when_it_is_so_of_one() -> None:
    assert not Word(5, frozenset({"9"})).and_of(Word()).is_elsewhere("1")
    assert not Word().and_of(Word(5, frozenset({"9"}))).is_elsewhere("1")


def test_a_word_about_too_many_windows_is_about_any() -> None:
    windows = frozenset(f"综合窗口{number:04}" for number in range(500))
    assert Word.heard(Word(5, windows).said()) == Word()
