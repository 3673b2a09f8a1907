"""The first tables: runs, their log, their columns in pieces, and the newest of each lane."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("per_epoch", sa.Integer, nullable=False),
        sa.Column("digits", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    tables: list[tuple[str, *tuple[sa.Column[Any], ...]]] = [
        ("log", sa.Column("number", sa.Integer, primary_key=True), sa.Column("event", sa.Text, nullable=False)),
        (
            "pieces",
            sa.Column("lane", sa.Integer, primary_key=True),
            sa.Column("kind", sa.Integer, primary_key=True),
            sa.Column("first", sa.Integer, primary_key=True),
            sa.Column("columns", sa.LargeBinary, nullable=False),
        ),
        (
            "snapshots",
            sa.Column("lane", sa.Integer, primary_key=True),
            sa.Column("kind", sa.String(16), primary_key=True),
            sa.Column("step", sa.Integer, nullable=False),
            sa.Column("data", sa.LargeBinary, nullable=False),
        ),
    ]
    for name, *columns in tables:
        of_run = sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
        op.create_table(name, of_run, *columns)


def downgrade() -> None:
    for name in ("snapshots", "pieces", "log", "runs"):
        op.drop_table(name)
