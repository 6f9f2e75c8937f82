"""The command ``jiaohao``: its words, its exit codes, and nothing that a headless command does not need."""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from jiaohao.queue import backing_up, language, words
from jiaohao.queue import config as config_file
from jiaohao.queue.clean import clean, is_text, json_of, lines_of
from jiaohao.queue.config import ConfigError, Problem
from jiaohao.queue.language import gettext as _
from jiaohao.queue.refusal import Refusal
from jiaohao.queue.setup import Place, check_hall, find_place, init_hall, open_place
from jiaohao.store.errors import Fault

if TYPE_CHECKING:
    from jiaohao.tui.commands import Listing, Run

_SUBJECTS = (
    "commands", "commands_enquiries", "commands_posts", "commands_roster", "commands_slips",
    "commands_staffing", "commands_daybook", "commands_seals",
)  # fmt: skip
"""Where the commands without a screen stand, a file a subject; no more of them is loaded than it takes."""
_OWN = frozenset(
    {
        "init", "check", "backup", "restore", "simulate", "demo",
        "guide", "counter", "wall", "sign", "supervise", "serve",
    }
)  # fmt: skip
"""The commands that stand here."""

DONE = 0
REFUSED = 1
WRONG = 2
NO_STORE = 3
INTERRUPTED = 130
"""The exit code that shells know for Ctrl+C."""

_LONGEST = 2000
"""So many characters has what is said of wrong usage at most: all commands, and a word that is none."""

# Faults that only a person can mend, by another command or another installation.
_WRONG_FAULTS = frozenset(
    {
        "browser_missing",
        "not_initialised",
        "database_newer",
        "driver_missing",
        "backup_exists",
        "not_a_backup",
        "backup_damaged",
        "backup_unsound",
        "backup_has_nul",
        "hall_not_empty",
        "other_hall",
        "printer_driver_missing",
    }
)


class _Usage(Exception):
    """The words of the command line are wrong."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Leave the telling to ``main``, which knows whether a program or a person listens."""
        raise _Usage(f"{self.prog}: {message}")


def _common(*, top: bool) -> _Parser:
    # Before or after the command: the second parser must not reset what the first has read.
    parser = _Parser(add_help=False, argument_default=None if top else argparse.SUPPRESS)
    parser.add_argument("--config", metavar="FILE", help=_("config.toml of the hall"))
    parser.add_argument("--database", metavar="URL", help=_("sqlite:///file or postgresql://…"))
    parser.add_argument("--staff", metavar="NO", help=_("who acts"))
    parser.add_argument("--language", choices=language.LANGUAGES, help=_("language of this terminal"))
    parser.add_argument(
        "--op", metavar="ID", help=_("the operation's own id: a repeated one does nothing twice")
    )
    parser.add_argument("--json", action="store_true", default=False if top else argparse.SUPPRESS)
    return parser


class _Unasked:
    """Takes the words of a command that is not the one given: all of them take longer than to issue."""

    def __getattr__(self, _name: str) -> Callable[..., Self]:
        """Whatever is added goes nowhere."""
        return lambda *_args, **_kwargs: self


def _word(given: Sequence[str]) -> str | None:
    """The command that is given, "" for none; None where it cannot be seen, or help is asked for on all."""
    try:
        rest = _common(top=True).parse_known_args(given)[1]
    except _Usage:
        return None
    if not rest:
        return ""
    return rest[0] if rest[0] in _OWN or next(_subjects(rest[0]), None) is not None else None


def _subjects(word: str | None) -> Iterator[ModuleType]:
    """The subject of a command, if it is one without a screen; all of them where none is known."""
    if word == "" or word in _OWN:
        return
    for name in _SUBJECTS:
        subject = import_module(f"jiaohao.tui.{name}")
        known = {words_.split()[0] for words_ in subject.RUN}
        if word is None or word in known:
            yield subject
        if word in known:
            return


def _build(word: str | None = None) -> argparse.ArgumentParser:
    """The words of one command, or of all."""
    parser = _Parser(
        prog="jiaohao",
        parents=[_common(top=True)],
        description=_("The queue and the counters of a service hall."),
    )
    verbs = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    common = _common(top=False)
    groups: dict[str, Any] = {"": verbs}

    def add(name: str, help_text: str, *words_: str) -> Any:
        if word is not None and name.split(maxsplit=1)[0] != word:
            return _Unasked()
        # "adjust list" is the word list of the command adjust, which was added before.
        group, _blank, last = name.rpartition(" ")
        if group not in groups:
            groups[group] = verbs.choices[group].add_subparsers(
                metavar="COMMAND", required=True, parser_class=_Parser
            )
        verb: argparse.ArgumentParser = groups[group].add_parser(last, help=help_text, parents=[common])
        if group:
            verb.set_defaults(command=name)
        for argument in words_:
            verb.add_argument(argument)
        return verb

    _add_own(add)
    for subject in _subjects(word):
        subject.add_verbs(add)
    return parser


def _add_own(add: Any) -> None:
    add("init", _("create or upgrade the database and load the hall"))
    check = add("check", _("look for mistakes in config.toml and in the database"))
    check.add_argument("--deep", action="store_true", help=_("and whether the hall is what its journal says"))
    backup = add("backup", _("write a whole copy of the hall to a file while it is in use"), "file")
    restore = add("restore", _("make the hall what it was when a backup was written"), "file")
    for verb in (backup, restore):
        verb.add_argument("--replace", action="store_true")
    text = _("also a backup that is not what its own journal says")
    restore.add_argument("--anyway", action="store_true", help=text)
    _add_desks(add)


def _add_desks(add: Any) -> None:
    simulate = add("simulate", _("play a day through the real operations"))
    simulate.add_argument("--visitors", type=int, metavar="N", default=600)
    simulate.add_argument("--windows", type=int, metavar="N")
    simulate.add_argument("--seed", type=int, metavar="N", default=1)
    simulate.add_argument("--date", metavar="YYYY-MM-DD")
    demo = add("demo", _("a busy day live, on a scratch database"))
    demo.add_argument(
        "desk", nargs="?", choices=("start", "guide", "counter", "wall", "supervise"), default="start"
    )
    demo.add_argument("--speed", type=float, metavar="N", default=1.0)
    add("guide", _("the guide's desk"))
    add("counter", _("a counter"), "window")
    wall = add("wall", _("the wall display, read-only"))
    wall.add_argument("--speak", action="store_true", help=_("say each call through a loudspeaker"))
    add("sign", _("the sign above one window, read-only"), "window")
    add("supervise", _("the supervision desk"))
    serve = add("serve", _("the wall, and with --desks the desks, in the browsers of this machine"))
    serve.add_argument("--port", type=int, metavar="N", default=8080)
    serve.add_argument("--desks", action="store_true")


def main(argv: list[str] | None = None) -> int:
    """Run one command. Gives the exit code: 0 done, 1 refused, 2 wrong usage, 3 no store, 130 for Ctrl+C."""
    given = list(sys.argv[1:] if argv is None else argv)
    language.use("zh_CN")
    try:
        _check_words(given)
        return _run(_build(_word(given)).parse_args(given))
    except (_Usage, ConfigError, Refusal, Fault) as error:
        exit_code, code, message = _failed(error)
        answer = json_of({"error": {"code": code, "message": message}})
        # After "--" no word is an option, also where a file is called so.
        options = itertools.takewhile(lambda word: word != "--", given)
        print(answer if "--json" in options else lines_of(message), file=sys.stderr)
        return exit_code
    except BrokenPipeError:
        # Whoever read our output has gone; what was done is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print(file=sys.stderr)  # what the shell says next does not go on in the line of a question
        return INTERRUPTED


def _check_words(given: list[str]) -> None:
    """Speak the language of the environment. Raises _Usage for one unknown, and for what is not text."""
    named = {name: value for name, value in os.environ.items() if name.startswith("JIAOHAO_")}
    tongue = named.get("JIAOHAO_LANGUAGE") or language.language()
    if tongue not in language.LANGUAGES:
        languages = ", ".join(language.LANGUAGES)
        raise _Usage("JIAOHAO_LANGUAGE: " + _("must be one of: {expected}").format(expected=languages))
    language.use(tongue)
    for name, value in [*((word, word) for word in given), *named.items()]:
        if not is_text(value):
            raise _Usage(f"{name}: " + _("is not UTF-8 text"))


def _run(args: argparse.Namespace) -> int:
    if args.language:
        language.use(args.language)
    place = find_place(args.config, args.database)
    name = args.command or ""
    if (subject := next(_subjects(name.partition(" ")[0]), None)) is not None:
        return _headless(subject.RUN[name], args, place)
    if args.command == "init":
        created, schema = init_hall(place)
        text = _("The hall is ready (schema {schema}).").format(schema=schema)
        return _say(args, {"created": created, "schema": schema}, text)
    if args.command == "check":
        return _check(args, place)
    if args.command == "backup":
        with _writing():
            backing_up.backup(place, Path(args.file), replace=args.replace)
        return _say(args, {"backup": args.file}, args.file)
    if args.command == "restore":
        kept = backing_up.restore(place, Path(args.file), replace=args.replace, anyway=args.anyway)
        return _say(args, {"restored": args.file, "kept": kept}, _restored(args.file, kept))
    return _open(args, place)


def _headless(run: Run, args: argparse.Namespace, place: Place) -> int:
    from jiaohao.tui.commands import Listing, Refused  # noqa: PLC0415 - no desk needs it

    site = open_place(place)
    _speak(args, site.hall.language)
    gc.freeze()  # what is loaded stays: to look through it for garbage at the end takes a tenth of all
    with _writing():
        done = run(site, args)
    if isinstance(done, Refused):
        _say(args, done.answer, done.text)
        raise done.refusal
    return _list(args, done) if isinstance(done, Listing) else _say(args, *done)


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        text = _("The file could not be written: {error}")
        raise _Usage(text.format(error=error.strerror)) from error


def _restored(file: str, kept: str | None) -> str:
    text = _("The hall is restored from {file}.").format(file=file)
    return text if kept is None else f"{text} " + _("What it was before is kept in {kept}.").format(kept=kept)


def _speak(args: argparse.Namespace, otherwise: str) -> None:
    if not args.language and not os.environ.get("JIAOHAO_LANGUAGE"):
        language.use(otherwise)


def _check(args: argparse.Namespace, place: Place) -> int:
    problems, warnings = check_hall(place, deep=args.deep)
    answer = {
        "problems": [{"where": p.where, "key": p.key, "message": p.message} for p in problems],
        "warnings": [{"where": p.where, "key": p.key, "message": p.message} for p in warnings],
    }
    _say(args, answer, "\n".join(_lines([*problems, *warnings])) or _("No mistakes found."))
    return WRONG if problems else DONE


def _open(args: argparse.Namespace, place: Place) -> int:
    if args.command == "simulate":
        from jiaohao.tui import simulate  # noqa: PLC0415

        return simulate.run(args, place.config)
    if args.command == "demo":
        from jiaohao.tui import demo  # noqa: PLC0415

        return demo.run(args, place.config)
    if args.command == "serve":
        from jiaohao.tui import serve  # noqa: PLC0415

        return serve.run(args, place)
    from jiaohao.tui import looks  # noqa: PLC0415 - only desks, walls and signs are looked at

    gc.disable()  # until the app runs: what is loaded stays, and nothing of it is garbage
    site = open_place(place, read_only=args.command in {"wall", "sign"})
    chosen = looks.recall(args.command, looks.LANGUAGE, language.LANGUAGES)
    _speak(args, chosen or site.hall.language)
    # Nobody acts at what only looks, and a try of a PIN could not be counted there.
    staff = None
    if args.staff and not site.store.read_only:
        from jiaohao.tui.acting import acting  # noqa: PLC0415 - only who is named pays for it

        staff = acting(site, args)
    at_window = args.command in {"counter", "sign"}
    window = site.directory.window(args.window).code if at_window else None
    speech = config_file.read_speech(place.config) if getattr(args, "speak", False) else None
    from jiaohao.tui.app import JiaohaoApp  # noqa: PLC0415 - a headless command loads no textual

    speaker = None
    if speech is not None:
        from jiaohao.tui.speaker import Speaker  # noqa: PLC0415 - few walls speak

        speaker = Speaker(site, speech)
        speaker.end_with_process()
    app = JiaohaoApp(site, desk=args.command or "start", window=window, staff=staff, speaker=speaker)
    gc.freeze()  # what is loaded stays: looking through it for garbage would hold up a key for 40 ms
    app.run()
    return app.return_code or DONE


def _say(args: argparse.Namespace, answer: Any, text: str) -> int:
    print(json_of(answer) if args.json else lines_of(text))
    sys.stdout.flush()
    return DONE


def _list(args: argparse.Namespace, listing: Listing) -> int:
    # Entry by entry: a day has tens of thousands. Nothing is said before the first one was read.
    before, between = f'{{"{listing.key}": [', ", "
    for entry, text in listing.entries:
        if args.json:
            print(before, json_of(entry), sep="", end="")
            before = between
        else:
            print(lines_of(text))
    if args.json:
        print("" if before == between else before, "]}", sep="")
    sys.stdout.flush()
    return DONE


def _failed(error: _Usage | ConfigError | Refusal | Fault) -> tuple[int, str, str]:
    """The exit code, the stable code and the sentence for what went wrong."""
    if isinstance(error, Refusal):
        return REFUSED, error.code, error.message
    if isinstance(error, Fault):
        exit_code = WRONG if error.code in _WRONG_FAULTS else NO_STORE
        return exit_code, error.code, words.fault_sentence(error.code, clean(error.detail))
    if isinstance(error, ConfigError):
        return WRONG, "wrong_configuration", "\n".join(_lines(error.problems))
    return WRONG, "usage", clean(str(error), limit=_LONGEST)


def _lines(problems: Iterable[Problem]) -> list[str]:
    # Each on one line, whatever the file is called, and whatever a key in it.
    return [": ".join(clean(part) for part in (p.where, p.key, p.message) if part) for p in problems]


if __name__ == "__main__":
    raise SystemExit(main())
