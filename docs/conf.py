"""The manual. Pages that repeat the code are made from the code."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from pathlib import Path

from sphinx.application import Sphinx

from longwatch.config import FILE_NAME, Config

project = "Longwatch"
author = "The Longwatch developers"
project_copyright = author
release = version = installed_version("longwatch")

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_generated"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Longwatch"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autoclass_content = "class"
numpydoc_show_class_members = False
autosummary_generate = False

GENERATED = Path(__file__).parent / "_generated"


def configuration_table() -> str:
    """Give every setting with its variable, its default and its meaning, as a Markdown table."""
    rows = ["| setting | variable | default | meaning |", "|---|---|---|---|"]
    for name, field in Config.model_fields.items():
        if not field.exclude:
            default = field.default if field.default not in ("", {}, ()) else "(empty)"
            rows.append(f"| `{name}` | `LONGWATCH_{name.upper()}` | `{default}` | {field.description} |")
    return "\n".join(rows) + f"\n\nThe file is called `{FILE_NAME}` and lies in the site folder.\n"


def write_generated(_app: Sphinx) -> None:
    """Write the pages' generated parts before they are read."""
    GENERATED.mkdir(exist_ok=True)
    (GENERATED / "configuration.md").write_text(configuration_table(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Hook the generated parts in."""
    app.connect("builder-inited", write_generated)
