"""The package's source as the conventions see it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "longwatch"


@dataclass(frozen=True)
class Module:
    """One source file.

    Parameters
    ----------
    path
        Where it is.
    """

    path: Path

    @property
    def name(self) -> str:
        """Its place below the package, `domain/times.py`."""
        return self.path.relative_to(PACKAGE).as_posix()

    @cached_property
    def text(self) -> str:
        """What stands in it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """What Python makes of it."""
        return ast.parse(self.text)

    @property
    def docstring(self) -> str:
        """What it says of itself."""
        return ast.get_docstring(self.tree) or ""

    @property
    def only_declares(self) -> bool:
        """Whether there is nothing to run in it: values without checks, protocols, constants."""
        bodies = [node.body for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]
        return all(isinstance(statement, ast.Expr | ast.Pass) for body in bodies for statement in body)

    @property
    def test(self) -> Path:
        """Where its tests belong."""
        return ROOT / "tests" / Path(self.name).parent / f"test_{self.path.stem}.py"


def every_module() -> list[Module]:
    """Give all modules but those of database migrations, which are numbered scripts."""
    return [Module(path) for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]


def written_modules() -> list[Module]:
    """Give the modules that hold code: no package faces."""
    return [module for module in every_module() if module.path.name != "__init__.py"]
