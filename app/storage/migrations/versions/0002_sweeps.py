"""Sweeps, and what came out of each of their trainings, whose runs are among all others."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("stopped_by", sa.String(16)),
        sa.Column("grid", sa.Text, nullable=False),
        sa.Column("fresh", sa.Text, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("train_digits", sa.Integer, nullable=False),
        sa.Column("digits", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    of_sweep = sa.Column("sweep_id", sa.String(64), sa.ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True)
    op.create_table(
        "cells",
        of_sweep,
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.String(64), index=True),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for name in ("cells", "sweeps"):
        op.drop_table(name)
