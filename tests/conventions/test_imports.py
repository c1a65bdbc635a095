"""Imports: no circles, and no private names across modules. The floors are held by `lint-imports`."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter

import grimp

from source_tree import every_module


def test_modules_do_not_import_in_circles() -> None:
    graph = grimp.build_graph("longwatch")
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imports).prepare()


def test_private_names_stay_at_home() -> None:
    borrowed = [
        f"{module.name} takes {alias.name} from {node.module}"
        for module in every_module()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("longwatch")
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert borrowed == []
