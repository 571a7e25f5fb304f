"""What keeps the service going: backups, their restoring, the change of keys, what is watched."""
