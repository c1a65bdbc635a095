"""Settings: where they come from, what is refused, and that secrets stay secret."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from longwatch.config import FILE_NAME, Config, Origin
from longwatch.errors import BadConfig


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in Config.model_fields:
        monkeypatch.delenv(f"LONGWATCH_{name.upper()}", raising=False)
    return tmp_path


def write(site: Path, text: str) -> None:
    (site / FILE_NAME).write_text(text, encoding="utf-8")


def row(config: Config, name: str) -> Origin:
    return next(origin for origin in config.origins() if origin.name == name)


def test_defaults_need_no_file(site: Path) -> None:
    config = Config.load(site)
    assert config == Config.load(None) == Config()
    assert (config.batch_files, config.batch_seconds, config.store) == (200, 0.3, "copy")
    assert config.worker_count >= 1
    assert config.database_url() == ""
    assert {origin.origin for origin in config.origins()} == {"default"}


def test_every_setting_says_what_it_means() -> None:
    rows = Config().origins()
    assert {origin.name for origin in rows} == set(Config.model_fields) - {"read_from"}
    assert all(origin.description.endswith(".") and len(origin.description) > 20 for origin in rows)


def test_environment_before_file_before_default(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, 'workers = 3\nbatch_files = 7\nstore = "link"\n[object_options]\nanon = false\nregion = "a"\n')
    monkeypatch.setenv("LONGWATCH_WORKERS", "5")
    monkeypatch.setenv("LONGWATCH_OBJECT_OPTIONS__ANON", "true")
    monkeypatch.setenv("LONGWATCH_DISABLED_PLUGINS", "muse, cos")
    config = Config.load(site)
    assert (config.workers, config.worker_count, config.batch_files, config.store) == (5, 5, 7, "link")
    assert config.object_options["region"] == "a"
    assert config.object_options["anon"] is True
    assert config.disabled_plugins == ("muse", "cos")
    assert row(config, "workers").origin == "LONGWATCH_WORKERS"
    assert row(config, "batch_files").origin == str(site / FILE_NAME)
    assert row(config, "object_options.anon").origin == "LONGWATCH_OBJECT_OPTIONS__ANON"
    assert row(config, "object_options.region").origin == str(site / FILE_NAME)
    assert row(config, "disabled_plugins").origin == "LONGWATCH_DISABLED_PLUGINS"
    assert row(config, "map_cache") == Origin(
        name="map_cache",
        value="256",
        origin="default",
        description="Memory maps of objects that are kept open [count].",
    )


def test_a_table_may_be_json_in_the_environment(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGWATCH_OBJECT_OPTIONS", '{"anon": true, "client_kwargs": {"endpoint_url": "http://a"}}')
    config = Config.load(site)
    assert config.object_options == {"anon": True, "client_kwargs": {"endpoint_url": "http://a"}}
    assert row(config, "object_options.client_kwargs.endpoint_url").value == "http://a"
    assert row(config, "object_options.client_kwargs.endpoint_url").origin == "LONGWATCH_OBJECT_OPTIONS"
    monkeypatch.setenv("LONGWATCH_OBJECT_OPTIONS", "anon")
    with pytest.raises(BadConfig, match="JSON"):
        Config.load(site)


def test_settings_are_frozen_and_read_nothing_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGWATCH_WORKERS", "5")
    config = Config()
    assert config.workers == 0
    with pytest.raises(ValidationError, match="frozen"):
        config.workers = 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("workers = -1", r"'workers' \(from .*longwatch.toml\).*greater than or equal to 0.*default is 0"),
        ('store = "move"', r"'store' .*'copy' or 'link'.*It means: Whether ingest copies"),
        ("batchfiles = 3", r"no setting 'batchfiles' \(from .*longwatch.toml\). Did you mean 'batch_files'"),
        ("zzz = 3", r"no setting 'zzz'.*There are: database"),
        ("workers = = 1", r"longwatch.toml cannot be read: .*line 1.*Correct the file"),
        ("workers = -1\nbatch_files = 0", r"'workers'.*\n.*'batch_files'"),
    ],
)
def test_a_bad_file_is_explained(site: Path, text: str, message: str) -> None:
    write(site, text)
    with pytest.raises(BadConfig, match=message):
        Config.load(site)


def test_a_bad_variable_is_named(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, "workers = 2")
    monkeypatch.setenv("LONGWATCH_WORKERS", "many")
    with pytest.raises(BadConfig, match=r"'workers' \(from LONGWATCH_WORKERS\)"):
        Config.load(site)


def test_an_unreadable_file_is_explained(site: Path) -> None:
    (site / FILE_NAME).mkdir()
    with pytest.raises(BadConfig, match="cannot be read"):
        Config.load(site)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://watch:h!dd@n/x@db/a", "postgresql+psycopg://watch:********@db/a"),
        ("mysql+pymysql://db/a?password=hidden&x=1", "mysql+pymysql://db/a?password=********&x=1"),
        ("postgresql://db/a", "postgresql://db/a"),
        ("env:DATABASE", "env:DATABASE"),
    ],
)
def test_passwords_in_urls_are_masked(site: Path, url: str, shown: str) -> None:
    write(site, f'database = "{url}"')
    assert row(Config.load(site), "database").value == shown


def test_secrets_are_never_printed(site: Path) -> None:
    write(
        site,
        'database = "postgresql://u:hidden@db/a"\nobjects = "s3://k:hidden@b"\nworkers = -1\n'
        '[object_options]\nsecret = "hidden"\nkey = "hidden"\nclient_kwargs = { aws_session_token = "hidden" }\n',
    )
    with pytest.raises(BadConfig) as caught:
        Config.load(site)
    assert "hidden" not in f"{caught.value} {caught.value.__cause__}"
    write(site, (site / FILE_NAME).read_text(encoding="utf-8").replace("workers = -1", ""))
    config = Config.load(site)
    assert "hidden" not in f"{config!r} {config} {config.origins()}"
    assert config.object_settings()["secret"] == "hidden"


def test_references_are_resolved_when_used(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "token").write_text("from a file\n")
    write(
        site,
        f'database = "env:CATALOGUE"\n[object_options]\nsecret = "file:{site / "token"}"\nanon = false\n'
        'client_kwargs = { password = "env:CATALOGUE" }',
    )
    config = Config.load(site)
    assert row(config, "object_options.secret").value == f"file:{site / 'token'}"
    with pytest.raises(BadConfig, match=r"'database' refers to 'env:CATALOGUE'.*Set that variable"):
        config.database_url()
    monkeypatch.setenv("CATALOGUE", "sqlite://")
    assert config.database_url() == "sqlite://"
    assert config.object_settings() == {
        "secret": "from a file",
        "anon": False,
        "client_kwargs": {"password": "sqlite://"},
    }
