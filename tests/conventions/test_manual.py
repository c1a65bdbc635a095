"""The manual says what the code has: contracts, instruments, decisions."""

from __future__ import annotations

import ast
import re
from importlib.metadata import entry_points

from source_tree import PACKAGE, ROOT, written_modules

DOCS = ROOT / "docs"


def test_every_contract_stands_on_the_page_for_plug_ins() -> None:
    page = (DOCS / "plugins.md").read_text(encoding="utf-8")
    contracts = [
        f"longwatch.contracts.{module.path.stem}.{node.name}"
        for module in written_modules()
        if module.path.parent == PACKAGE / "contracts"
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert [name for name in contracts if not re.search(rf"autoclass:: {re.escape(name)}$", page, re.MULTILINE)] == []


def test_every_instrument_in_the_box_has_a_page() -> None:
    ours = [point for point in entry_points(group="longwatch.instruments") if point.value.startswith("longwatch.")]
    assert [point.name for point in ours if not (DOCS / "instruments" / f"{point.name}.md").is_file()] == []


def test_decisions_are_numbered_without_gaps_and_say_their_status() -> None:
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    silent = [path.name for path in decisions if "**Status:**" not in path.read_text(encoding="utf-8")]
    assert silent == []
