"""From files to commits: walk, claim, read, commit, quarantine; knows no format's meaning and no instrument."""
