"""Who has submitted the runs and sweeps that are not over, how, and when a server was last seen to have them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("job_id", sa.String(64), primary_key=True),
        sa.Column("visitor", sa.String(160), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("priority", sa.Boolean, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("submissions")
