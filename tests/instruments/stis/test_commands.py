"""`longwatch stis` from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from longwatch.archive import open_archive
from longwatch.cli.main import run
from longwatch.instruments.stis.simulate import FIRST, Size, simulate_size

Said = tuple[int, str, str]
SQUARE = slice(500, 524)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    simulate_size(folder, seed=3, size=Size(rows=SQUARE, cols=SQUARE, n_periods=4, n_dark_periods=2, n_darks=8))
    with open_archive(folder / "site", create=True) as archive:
        archive.ingest(*folder.glob("*.csv"), folder / "darks")
    return folder / "site"


@pytest.fixture
def stis(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(site))
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Said:
        capsys.readouterr()
        code = run(["stis", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def derived(stis: Callable[..., Said]) -> Callable[..., Said]:
    stis("derive")
    return stis


def test_derive_says_what_it_did(stis: Callable[..., Said]) -> None:
    code, out, _ = stis("derive", FIRST + 2)
    assert (code, out.split(":")[0]) == (0, f"Period {FIRST + 2}")
    assert "8 darks" in out
    stis("derive")
    assert "nothing to do" in stis("derive")[2]
    assert "the same as before" in stis("derive", FIRST + 3)[1]


def test_periods(derived: Callable[..., Said]) -> None:
    out = derived("periods", "--csv")[1].splitlines()
    assert out[0] == "period,start,stop,properties,derived,stale"
    assert [line.split(",")[4] for line in out[1:]] == ["False", "False", "True", "True"]
    assert str(FIRST) in derived("periods", "--at", "2017-10-01")[1]
    assert derived("periods", "--frames", FIRST + 2, "--csv")[1].count("\n") == 9
    assert derived("periods", "--missing", "--csv")[1].count("\n") == 1
    dark = derived("periods", "--frames", FIRST + 2, "--csv")[1].splitlines()[1].split(",")[1]
    assert derived("periods", "--dark", dark, "--csv")[1].splitlines()[1].startswith(f"{FIRST + 2},")
    assert "No dark 'onothingq'" in derived("periods", "--dark", "onothingq")[2]


def test_pixel_and_region(derived: Callable[..., Said], tmp_path: Path) -> None:
    out = derived("pixel", 510, 511, "--csv")[1].splitlines()
    assert len(out) == 5
    assert out[0].startswith("epoch,start,stop,rate,error")
    assert derived("pixel", 510, 511, "-o", "life.png")[0] == 0
    assert (tmp_path / "life.png").read_bytes().startswith(b"\x89PNG")
    out = derived("region", "501:502", "510:512", "--epoch", FIRST, "--csv")[1].splitlines()
    assert out[0].startswith("AnnealNumber,RowNum,ColumnNum,Stability")
    assert len(out) == 7
    assert derived("region", "501:502", "510", "--epoch", "2017-10-01", "--csv")[1].count("\n") == 3
    assert "no range of pixels" in derived("region", "a:b", "5", "--epoch", FIRST)[2]


def test_image_and_diff(derived: Callable[..., Said], tmp_path: Path) -> None:
    assert derived("image", "dark_rate", "--epoch", FIRST + 2, "-o", "rate.fits")[0] == 0
    with fits.open(tmp_path / "rate.fits") as file:
        assert np.isfinite(file["DARK_RATE"].data).sum() == 24 * 24
        assert file["DARK_RATE"].header["BUNIT"] == "electron / s"
    assert derived("image", "sci_mean", "--epoch", FIRST, "-o", "sci.png")[0] == 0
    assert derived("image", "sci_mean", "--epoch", FIRST, "-o", "sci.txt")[0] != 0
    assert "50" in derived("diff", "sci_mean", FIRST + 1, FIRST)[1]
    assert derived("diff", "dark_rate", FIRST + 3, FIRST + 2, "--ratio", "-o", "ratio.png")[0] == 0
    assert derived("diff", "dark_rate", FIRST + 3, FIRST + 2, "--ratio", "-o", "ratio.fits")[0] == 0
    with fits.open(tmp_path / "ratio.fits") as file:
        assert not file["DARK_RATE"].header["BUNIT"]
    assert derived("diff", "dark_rate", FIRST + 3, FIRST + 2, "-o", "change.png")[0] == 0


def test_hot(derived: Callable[..., Said]) -> None:
    _, out, err = derived("hot", "--in", "4/4", "--csv")
    n_always = int(err.split()[0])
    assert out.count("\n") == n_always + 1
    assert n_always == int(derived("hot", "--persistent", 4)[2].split()[0])
    assert int(derived("hot", "--intermittent")[2].split()[0]) <= int(derived("hot")[2].split()[0])
    assert "Write K/N" in derived("hot", "--in", "often")[2]
    assert int(derived("hot", "--level", 10)[2].split()[0]) < n_always


def test_events_and_survival(derived: Callable[..., Said], tmp_path: Path) -> None:
    out = derived("events", "--first", FIRST, "--csv")[1].splitlines()
    assert out[0] == "row,col,epoch,event,dwell"
    assert len(out) > 1
    assert all(line.endswith("birth,") == (",death," not in line) for line in out[1:])
    out = derived("survival", "--csv")[1].splitlines()
    assert out[0] == "periods,survival_0.1,error_0.1,n_0.1,survival_1,error_1,n_1,survival_10,error_10,n_10"
    assert out[1].startswith("0,1.0,0.0,")
    assert derived("survival", "--level", 0.2, "-o", "survival.png")[0] == 0
    assert (tmp_path / "survival.png").read_bytes().startswith(b"\x89PNG")


def test_mask(derived: Callable[..., Said], tmp_path: Path) -> None:
    assert derived("mask", "--epoch", FIRST + 2, "-o", "one.fits")[0] == 0
    with fits.open(tmp_path / "one.fits") as file:
        assert file[0].header["N_INPUT"] == 8
        assert file[0].header["ANNEAL"] == FIRST + 2
        assert (file["DQ"].data[SQUARE, SQUARE] & 16).any()
    _, out, _ = derived("mask", "--epoch", FIRST + 2, "-o", "two.fits", "--hot", 1.0, "--compare", "one.fits")
    assert out.startswith("hot in both ")
    assert ", here only 0," in out
    assert "No file" in derived("mask", "--epoch", FIRST + 2, "-o", "two.fits", "--compare", "none.fits")[2]


@pytest.mark.parametrize(
    "word", ["derive", "pixel", "region", "image", "diff", "hot", "events", "survival", "mask", "periods"]
)
def test_every_word_has_help_with_examples(stis: Callable[..., Said], word: str) -> None:
    code, out, _ = stis(word, "--help")
    assert code == 0
    assert f"$ longwatch stis {word}" in out
