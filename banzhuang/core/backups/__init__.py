"""Backup and restore of the portal: one sealed file of its data, another of its keys.

Read in this order: `sealed` bytes under a passphrase · `archive` files and their checksums in such bytes · `facts` what a
database says of itself · `sqlite`, `postgresql` a copy of the running database, and a copy put in its place · `making`,
`restoring` the two ways through all of it · `keys` · `daily`, `rotation` the clock's own backups.
"""


class BackupRefused(Exception):
    """Why nothing was backed up or restored, in Chinese: the fact, then the remedy."""
