"""The instrument nobody knows: takes any FITS file that no plug-in claims."""
