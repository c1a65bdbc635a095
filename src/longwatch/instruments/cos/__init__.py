"""HST/COS: lamp flashes, acquisitions, jitter, exposure reports, and the monitors over them."""
