"""The settings of one archive, each with its meaning, its unit and where its value came from.

Owns names, defaults and origins of settings, and the masking of secrets. Must not know what uses them.

A setting comes from its environment variable, else from `longwatch.toml` in the site folder, else from its default.
A secret may be a reference: `env:NAME` is the value of a variable, `file:PATH` the content of a file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from typing_extensions import override

from longwatch.errors import BadConfig

FILE_NAME = "longwatch.toml"
CATALOG_FILE = "catalog.db"
"""The SQLite catalogue in a site folder."""
OBJECT_FOLDER = "objects"
"""The object store in a site folder."""
_PREFIX = "LONGWATCH_"
_NESTED = "__"
_MASK = "********"
_SECRET_NAME = re.compile(r"secret|password|passwd|token|key|credential", re.IGNORECASE)
_IN_URL = re.compile(r"(://[^:/@?]*):.*@")
_IN_QUERY = re.compile(r"([?&][^=&]*(?:secret|password|passwd|token|key)[^=&]*=)[^&]*", re.IGNORECASE)

Settings = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One setting as `config show` prints it.

    Parameters
    ----------
    name
        The setting; `object_options.endpoint_url` for an entry of a table.
    value
        Its value as text, secrets masked.
    origin
        "default", the path of the file, or the name of the environment variable.
    description
        What it means, with its unit.
    """

    name: str
    value: str
    origin: str
    description: str


def _split_commas(value: str | list[str]) -> list[str]:
    match value:
        case str():
            return [name.strip() for name in value.split(",") if name.strip()]
        case _:
            return value


class Config(BaseSettings):
    """All settings of one archive; frozen. Make one with `Config.load`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        env_prefix=_PREFIX,
        env_nested_delimiter=_NESTED,
    )

    database: str = Field(default="", repr=False)
    """Database URL of the catalogue, or a reference to it; empty: SQLite in the site folder."""
    objects: str = Field(default="", repr=False)
    """Folder or fsspec URL of the objects; empty: the folder `objects` in the site folder."""
    object_options: Settings = Field(default={}, repr=False)
    """Options of the object store's fsspec file system, such as `endpoint_url`; strings may be references."""
    store: Literal["copy", "link"] = "copy"
    """Whether ingest copies files into the archive or links them where they lie."""
    workers: int = Field(default=0, ge=0)
    """Processes that read files [count]; 0: as many as there are CPUs."""
    batch_files: int = Field(default=200, ge=1)
    """Files after which a batch is committed [count]."""
    batch_seconds: float = Field(default=0.3, gt=0)
    """Time after which a batch is committed [s]."""
    lock_timeout_s: float = Field(default=600, ge=0)
    """How long a second writer waits for the first [s]."""
    max_file_bytes: int = Field(default=4 * 2**30, ge=1)
    """Largest file that ingest reads [byte]; a larger one is quarantined."""
    inflate_limit: int = Field(default=4 * 2**30, ge=1)
    """Largest content a compressed file may unpack to [byte]; beyond it the file is quarantined."""
    map_cache: int = Field(default=256, ge=0)
    """Memory maps of objects that are kept open [count]."""
    disabled_plugins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)] = ()
    """Names of plug-ins that are not loaded; in the environment parted by commas."""

    read_from: dict[str, str] = Field(default={}, repr=False, exclude=True)
    """Where each setting that is not a default came from; written by `load`, never a setting itself."""

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the constructor read nothing by itself: `load` reads, and remembers from where."""
        return (init_settings,)

    @classmethod
    def load(cls, site: Path | None = None) -> Self:
        """Give the settings of a site.

        Parameters
        ----------
        site
            The site folder, which may hold `longwatch.toml`; None reads the environment only.

        Returns
        -------
        Config
            Environment before file before default.

        Raises
        ------
        BadConfig
            Raised if the file cannot be read, or a setting is unknown or has a value it cannot have.
        """
        file = None if site is None else site / FILE_NAME
        written = {} if file is None else _read_file(file)
        environment = _read_environment(cls)
        origins = dict.fromkeys(_flat(written), str(file)) | {name: _variable(name) for name in _flat(environment)}
        try:
            return cls.model_validate(_merged(written, environment) | {"read_from": origins})
        except ValidationError as error:
            raise BadConfig("\n".join(_explained(cls, error, origins))) from error

    @property
    def worker_count(self) -> int:
        """How many processes read files; never 0."""
        return self.workers or os.cpu_count() or 1

    def database_url(self) -> str:
        """Give the database URL with its reference resolved; empty where it is not set.

        Raises
        ------
        BadConfig
            Raised if the variable or file it refers to is not there.
        """
        return _resolved("database", self.database)

    def object_settings(self) -> Settings:
        """Give the options of the object store with their references resolved.

        Raises
        ------
        BadConfig
            Raised if a variable or file they refer to is not there.
        """
        return {name: _resolved_tree(f"object_options.{name}", value) for name, value in self.object_options.items()}

    def origins(self) -> list[Origin]:
        """Give every setting with its value as text, where it came from, and what it means; secrets are masked."""
        return [
            Origin(
                name=path,
                value=_shown(path, value),
                origin=self.read_from.get(path, "default"),
                description=type(self).model_fields[path.split(".")[0]].description or "",
            )
            for path, value in _flat(self.model_dump()).items()
        ]


def _read_file(file: Path) -> Settings:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(
            f"The settings in {file} cannot be read: {error}. Correct the file, or move it away."
        ) from error


def _read_environment(cls: type[Config]) -> Settings:
    try:
        values: Settings = EnvSettingsSource(cls)()
    except SettingsError as error:
        raise BadConfig(
            f"A setting in the environment cannot be read: {error}. A table is JSON, such as "
            f"{_PREFIX}OBJECT_OPTIONS='{{\"anon\": true}}', or one variable an entry, such as "
            f"{_PREFIX}OBJECT_OPTIONS{_NESTED}ANON=true."
        ) from error
    return values | {name: _truths(values[name]) for name in ("object_options",) if name in values}


def _truths(value: JsonValue) -> JsonValue:
    """Give the words true and false in an option from the environment as what they mean."""
    match value:
        case "true" | "false":
            return value == "true"
        case dict():
            return {name: _truths(inner) for name, inner in value.items()}
        case _:
            return value


def _variable(path: str) -> str:
    """Give the environment variable that sets a setting, or the table it is in."""
    spelled = {name.upper(): name for name in os.environ}
    parts = path.upper().split(".")
    names = [_PREFIX + _NESTED.join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((spelled[name] for name in names if name in spelled), names[0])


def _flat(tree: Mapping[str, JsonValue], above: str = "") -> Settings:
    """Give nested tables as one table with dotted names; an empty table stays as it is."""
    leaves: Settings = {}
    for name, value in tree.items():
        match value:
            case dict() if value:
                leaves |= _flat(value, f"{above}{name}.")
            case _:
                leaves[above + name] = value
    return leaves


def _merged(below: Settings, above: Settings) -> Settings:
    """Give two nested tables as one; where both have an entry, `above` counts."""
    merged = dict(below)
    for name, value in above.items():
        match merged.get(name), value:
            case dict() as lower, dict() as upper:
                merged[name] = _merged(lower, upper)
            case _:
                merged[name] = value
    return merged


def _explained(cls: type[Config], error: ValidationError, origins: Mapping[str, str]) -> list[str]:
    """Give one sentence or two for each fault: which setting, from where, what is wrong, what to do."""
    sentences = []
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0])
        origin = next((origins[path] for path in origins if path.split(".")[0] == name), "the caller")
        if name not in cls.model_fields:
            near = get_close_matches(name, cls.model_fields, n=1, cutoff=0.5)
            advice = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(cls.model_fields)}."
            sentences.append(f"There is no setting {name!r} (from {origin}). {advice}")
        else:
            field = cls.model_fields[name]
            sentences.append(
                f"Setting {name!r} (from {origin}) cannot be used: {fault['msg']}. It means: {field.description} "
                f"Correct it there, or remove it; its default is {field.default!r}."
            )
    return sentences


def _shown(path: str, value: JsonValue) -> str:
    """Give a value as text, secrets masked; a reference tells no secret and is shown."""
    text = str(value)
    if text.startswith(("env:", "file:")):
        return text
    if text and _SECRET_NAME.search(path):
        return _MASK
    return _IN_QUERY.sub(rf"\1{_MASK}", _IN_URL.sub(rf"\1:{_MASK}@", text))


def _resolved_tree(path: str, value: JsonValue) -> JsonValue:
    match value:
        case str():
            return _resolved(path, value)
        case dict():
            return {name: _resolved_tree(f"{path}.{name}", inner) for name, inner in value.items()}
        case _:
            return value


def _resolved(path: str, text: str) -> str:
    kind, _, target = text.partition(":")
    try:
        match kind:
            case "env":
                return os.environ[target]
            case "file":
                return Path(target).read_text(encoding="utf-8").strip()
            case _:
                return text
    except (KeyError, OSError, UnicodeDecodeError) as error:
        raise BadConfig(
            f"Setting {path!r} refers to {text!r}, which cannot be read ({error}). "
            "Set that variable or provide that file, or write another reference."
        ) from error
