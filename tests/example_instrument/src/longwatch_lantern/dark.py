"""Darks of LANTERN: whose a file is, and what it says."""

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.domain.epoch import Epoch
from longwatch.domain.product import version_text
from longwatch.domain.times import us_from_mjd
from longwatch.errors import BadFile
from longwatch.fits.header import Header


def claim(_name: str, _head: bytes, header: Header | None) -> float:
    """Say how sure it is that a file is a dark of LANTERN: 0 is "not mine"."""
    return 1.0 if header is not None and header.text("INSTRUME") == "LANTERN" else 0.0


def version_key(header: Header) -> str:
    """Give text whose order is version order: a file written later replaces one written earlier."""
    return version_text(header.text("DATE"))


def read(source: Source) -> Reading:
    """Turn one file into values; whatever is wrong with the file is a `BadFile`."""
    if source.fits is None:
        raise BadFile(f"{source.name} is no FITS file. Fetch it again.")
    night = source.fits.primary.header.number("NIGHT")
    temps = source.fits.hdu("TEMPS").table()
    rate = source.fits.hdu("DARK").image()
    if night is None or rate is None or rate.shape != (64, 64) or not {"MJD", "CCD_TEMP"} <= set(temps):
        raise BadFile(f"{source.name}: sought NIGHT, a DARK of 64x64 pixels and TEMPS. Fetch the file again.")
    times = us_from_mjd(temps["MJD"])
    if not len(times):
        raise BadFile(f"{source.name} has no temperatures. Fetch the file again.")
    start, stop = int(times.min()), int(times.max())
    return Reading(
        key=f"night{night:04.0f}",
        t_min_us=start,
        t_max_us=stop,
        epochs=(Epoch(timeline="lantern.night", number=int(night), start_us=start, stop_us=stop),),
        rows=(Rows(series="lantern.ccd_temp", columns={"mjd": temps["MJD"], "ccd_temp": temps["CCD_TEMP"]}),),
        planes=(Plane(cube="lantern.ccd", epoch=int(night), property="dark_rate", image=rate),),
    )
