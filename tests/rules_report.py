"""Which rules of ``rules.txt`` are driven by which tests, and which by none yet."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def known_rules() -> list[str]:
    """The ids of all rules, in their order."""
    return (TESTS / "rules.txt").read_text(encoding="utf-8").split()


class Collector:
    """A pytest plugin that notes the rules of every test that is found."""

    def __init__(self) -> None:
        self.driven: dict[str, list[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note each test once, before slow ones are left out, however many parameters it has."""
        for item in items:
            test = item.nodeid.split("[")[0].removeprefix("tests/")
            for mark in item.iter_markers("rule"):
                for rule in mark.args:
                    tests = self.driven.setdefault(rule, [])
                    if test not in tests:
                        tests.append(test)


def collect() -> dict[str, list[str]]:
    """The tests of each rule. Raises RuntimeError, with pytest's own words, when they cannot be collected."""
    collector = Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(
            ["--collect-only", "-qq", "-p", "no:cacheprovider", str(TESTS)], plugins=[collector]
        )
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise RuntimeError(said.getvalue())
    return collector.driven


def main() -> int:
    """Print the report. Gives 1 when a test names a rule that there is not."""
    driven = collect()
    rules = known_rules()
    for rule in rules:
        for place, test in enumerate(driven.get(rule, [])):
            print(f"{'' if place else rule:6} {test}")
    missing = [rule for rule in rules if rule not in driven]
    print(
        f"\n{len(rules) - len(missing)} of {len(rules)} rules are driven by a test;",
        f"none yet: {' '.join(missing) or '-'}",
    )
    unknown = sorted(set(driven) - set(rules))
    if unknown:
        print(f"not in rules.txt: {' '.join(unknown)}", file=sys.stderr)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
