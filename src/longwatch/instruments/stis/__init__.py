"""HST/STIS: the properties of every CCD pixel in every anneal period."""
