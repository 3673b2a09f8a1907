"""Lessons, and the votes in them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("experiment", sa.String(64), nullable=False),
        sa.Column("guesses", sa.Text, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("visitor", sa.String(160), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("votes_shown", sa.Boolean, nullable=False),
        sa.Column("result_kind", sa.String(16)),
        sa.Column("result_id", sa.String(64)),
    )
    of_lesson = sa.Column("lesson_id", sa.String(64), sa.ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    op.create_table(
        "votes",
        of_lesson,
        sa.Column("voter", sa.String(64), primary_key=True),
        sa.Column("choice", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    for name in ("votes", "lessons"):
        op.drop_table(name)
