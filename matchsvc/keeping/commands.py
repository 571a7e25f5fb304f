"""``matchsvc backup``, ``matchsvc restore`` and ``matchsvc keys``."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path

import click

from matchsvc import db, secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.config import Config
from matchsvc.keeping.backup import Manifest, read_whole, write_backup
from matchsvc.keeping.restore import restore
from matchsvc.keeping.rotation import rotate
from matchsvc.keeping.sealed import count_by_key
from matchsvc.secrecy import KeyRing

FILE = click.Path(dir_okay=False, path_type=Path)


def _told(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at,
        "revision": manifest.revision,
        "tables": len(manifest.tables),
        "rows": manifest.rows,
        "last_seal": manifest.seal[0] if manifest.seal else None,
    }


@click.command("backup")
@click.argument("file", type=FILE)
@click.option("--verify", is_flag=True, help="read FILE to its end instead; writes nothing")
@click.pass_obj
def backup_command(config: Config, file: Path, *, verify: bool) -> None:
    """Write everything in the database, sealed, into the new FILE. Others go on working."""
    if verify:
        if not file.is_file():
            raise click.UsageError(f"{file} is no file.")
        click.echo(json.dumps(_told(read_whole(file, config.backup_ring))))
        return
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"{file.parent} is no folder.")
    # Before anything is read, so that the backup itself tells of it.
    with db.begin() as session:
        actor = command_actor(getpass.getuser())
        audit.record(session, actor, "export", "database", reason="backup")
    with db.read() as session:
        manifest = write_backup(session, file, config.backup_ring, now=db.utcnow())
    click.echo(json.dumps(_told(manifest)))


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="lose whatever is in the database")
@click.pass_obj
def restore_command(config: Config, file: Path, *, replace: bool) -> None:
    """Put the backup FILE into the database at DATABASE_URL, all or nothing."""
    if not file.is_file():
        raise click.UsageError(f"{file} is no file.")
    done = restore(
        db.engine(),
        command_actor(getpass.getuser()),
        file,
        config.backup_ring,
        replace=replace,
        anchor=config.audit_anchor,
        now=db.utcnow(),
    )
    for lost in done.lost_seals:
        click.echo(f"since the backup: {lost}", err=True)
    settled = {"logged_out": done.logged_out, "messages_held": done.messages_held}
    click.echo(json.dumps(_told(done.manifest) | settled))


@click.group("keys")
def keys() -> None:
    """The keys that seal what is in the database."""


@keys.command("status")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.pass_obj
def keys_status(config: Config, *, as_json: bool) -> None:
    """Count sealed values by key; exit 1 when some are under a key that is not known."""
    known = tuple(secrecy.key_ids())
    with db.read() as session:
        columns = dict(count_by_key(session, known))
    sums = [sum(counts) for counts in zip(*columns.values(), strict=True)]
    if as_json:
        body = {"current": known[0], "keys": dict(zip((*known, "unknown"), sums, strict=True))}
        click.echo(json.dumps(body | {"columns": columns}))
    else:
        for name, counts in columns.items():
            if any(counts):
                told = (f"{key_id} {count}" for key_id, count in zip(known, counts, strict=False))
                lost = f"  not known {counts[-1]}" if counts[-1] else ""
                click.echo(f"{name:44} {'  '.join(told)}{lost}")
        for key_id, count in zip(known, sums, strict=False):
            click.echo(f"{key_id}: {count}{_standing(config.keys, key_id, count)}", err=True)
    if sums[-1]:
        sys.exit(1)


def _standing(ring: KeyRing, key_id: str, count: int) -> str:
    """What a key is still needed for, in the words of somebody who wants to take it away."""
    if key_id == ring.current:
        return " (seals what is new)"
    if count:
        return " (opens these)"
    if key_id == ring.index_id:
        return " (opens nothing; the blind index needs it: keep it, as index)"
    return " (opens nothing in the database; older backups may need it)"


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal everything with the first key. May be killed and run again; exit 1 when some is left."""
    done = rotate(lambda name, values: click.echo(f"{name}: {values}", err=True))
    click.echo(json.dumps({"sealed_again": done.values, "unopened": done.unopened}))
    if done.unopened:
        sys.exit(1)


COMMANDS = (backup_command, restore_command, keys)
