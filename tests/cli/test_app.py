from __future__ import annotations

import re

import pytest

from longwatch.cli.app import APP, VERBS

VERB_NAMES = sorted(info.name for verb in VERBS for info in verb.registered_commands)
GROUPS = [(group.name, group.typer_instance) for verb in VERBS for group in verb.registered_groups]
BELOW = [(name, info.name) for name, app in GROUPS for info in app.registered_commands]

PROMISED = {
    *("init", "simulate", "ingest", "status", "retract"),
    *("find", "get", "header", "fetch", "pixel", "image"),
    *("report", "verify", "doctor", "backup", "restore", "migrate", "index-keyword", "plugins"),
}


def test_every_promised_command_is_there() -> None:
    assert set(VERB_NAMES) >= PROMISED
    assert {("monitor", "list"), ("monitor", "run"), ("monitor", "backfill")} <= set(BELOW)
    assert {("quarantine", "list"), ("quarantine", "retry"), ("quarantine", "drop"), ("config", "show")} <= set(BELOW)


def test_the_help_lists_every_command_in_a_section(cli) -> None:
    listed = re.findall(r"^  ([a-z][a-z-]+)  ", cli("--help").out, re.MULTILINE)
    assert sorted(listed) == sorted([*VERB_NAMES, *(name for name, _ in GROUPS)])


@pytest.mark.parametrize("words", [[name] for name in VERB_NAMES] + [list(pair) for pair in BELOW])
def test_every_command_explains_itself_with_an_example(cli, words: list[str]) -> None:
    said = cli(*words, "--help")
    assert said.code == 0
    assert re.search(rf"Examples?:\n +\$ longwatch .*{words[-1]}", said.out) or words == ["migrate"]


def test_every_command_is_named_so_that_instruments_cannot_take_its_word() -> None:
    assert None not in VERB_NAMES
    assert len(VERB_NAMES) == len(set(VERB_NAMES))
    assert APP.registered_callback is not None
