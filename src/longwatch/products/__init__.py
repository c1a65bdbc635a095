"""Products: files with an identity, versions and headers; knows no other shape and no instrument."""
