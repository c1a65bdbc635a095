"""Modules: what each must say of itself, how they are named, and where they are tested."""

from __future__ import annotations

import ast
import re

from source_tree import PACKAGE, every_module, written_modules

NAMELESS = {"base", "common", "helpers", "manager", "misc", "tools", "util", "utils"}
UNTESTED_SHARE = 0.05
LONGEST_FILE = 500
EXCUSES = 2
BROAD_EXCEPTS = 4


def test_every_module_says_what_it_is() -> None:
    assert [module.name for module in every_module() if not module.docstring] == []


def test_every_module_says_what_it_owns_and_what_it_must_not_know() -> None:
    silent = [
        module.name
        for module in written_modules()
        if "Owns" not in module.docstring or not re.search(r"[Mm]ust not|[Kk]nows? no", module.docstring)
    ]
    assert silent == []


def test_inner_package_faces_hold_a_docstring_and_nothing_else() -> None:
    faces = [module for module in every_module() if module.path.name == "__init__.py" and module.path.parent != PACKAGE]
    assert [face.name for face in faces if len(face.tree.body) != 1] == []


def test_no_module_is_called_after_nothing() -> None:
    names = {part for module in every_module() for part in module.name.removesuffix(".py").split("/")}
    assert names & NAMELESS == set()


def test_modules_are_tested_where_one_looks_for_it() -> None:
    modules = [module for module in written_modules() if not module.only_declares]
    missing = [module.test.name + " for " + module.name for module in modules if not module.test.is_file()]
    assert len(missing) <= UNTESTED_SHARE * len(modules), "\n".join(["no test module:", *missing])


def test_nothing_prints() -> None:
    printing = [
        f"{module.name}:{node.lineno}"
        for module in written_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_no_file_has_grown_into_a_hub() -> None:
    lengths = {module.name: module.text.count("\n") for module in written_modules()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_excuses_to_the_checkers_do_not_grow() -> None:
    excuses = [
        f"{module.name}: {line.strip()}"
        for module in every_module()
        for line in module.text.splitlines()
        if re.search(r"#\s*(noqa|type:\s*ignore|pragma)", line)
    ]
    assert len(excuses) <= EXCUSES, "\n".join(excuses)


def test_errors_are_caught_by_name() -> None:
    broad = [
        f"{module.name}:{node.lineno}"
        for module in written_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert len(broad) <= BROAD_EXCEPTS, broad
