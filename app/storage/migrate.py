"""Migrates the tables of a database to the newest version."""

import logging
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

NEWEST_VERSION = "0005"
# Any number that no other program locks in the same database.
MIGRATING = 7_466_310


def migrate(connection: Connection) -> None:
    """Migrate within the connection's transaction."""
    if connection.dialect.name == "postgresql":
        # One server at a time, as SQLite has it anyway.
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
    if sa.inspect(connection).has_table("alembic_version"):
        version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        if version == NEWEST_VERSION:
            return
    # Its lines are about itself, from the moment it is imported.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Takes a quarter of a second to import, which a server that is up to date does not spend.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    # A per cent sign would stand for another option.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    command.upgrade(config, "head")
