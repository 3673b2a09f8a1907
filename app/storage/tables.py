"""The tables of runs, sweeps and lessons. The migrations create them."""

import sqlalchemy as sa

metadata = sa.MetaData()
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("created_at", sa.DateTime(timezone=True)),
    sa.Column("status", sa.String(16)),
    sa.Column("config", sa.Text),
    sa.Column("owner", sa.String(64)),
    sa.Column("per_epoch", sa.Integer),
    sa.Column("digits", sa.String(64)),
    sa.Column("bytes", sa.BigInteger),
)
log = sa.Table(
    "log",
    metadata,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("event", sa.Text),
)
pieces = sa.Table(
    "pieces",
    metadata,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("lane", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Integer, primary_key=True),
    sa.Column("first", sa.Integer, primary_key=True),
    sa.Column("columns", sa.LargeBinary),
)
snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("lane", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("step", sa.Integer),
    sa.Column("data", sa.LargeBinary),
)
# One row for a sweep, and one for each of its trainings that has begun: those of the grid, then those on fresh seeds.
sweeps = sa.Table(
    "sweeps",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("created_at", sa.DateTime(timezone=True)),
    sa.Column("status", sa.String(16)),
    sa.Column("stopped_by", sa.String(16)),
    sa.Column("grid", sa.Text),
    sa.Column("fresh", sa.Text),
    sa.Column("owner", sa.String(64)),
    sa.Column("train_digits", sa.Integer),
    sa.Column("digits", sa.String(64)),
    sa.Column("version", sa.BigInteger),
    sa.Column("bytes", sa.BigInteger),
)
cells = sa.Table(
    "cells",
    metadata,
    sa.Column("sweep_id", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.String(64)),
    sa.Column("changed", sa.BigInteger),
    sa.Column("result", sa.Text),
)
# A lesson, by digests of its owner's key and of the visitor who started it; and its votes, by digests of the browsers.
lessons = sa.Table(
    "lessons",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("experiment", sa.String(64)),
    sa.Column("guesses", sa.Text),
    sa.Column("owner", sa.String(64)),
    sa.Column("visitor", sa.String(160)),
    sa.Column("ends_at", sa.DateTime(timezone=True)),
    sa.Column("votes_shown", sa.Boolean),
    sa.Column("result_kind", sa.String(16)),
    sa.Column("result_id", sa.String(64)),
)
votes = sa.Table(
    "votes",
    metadata,
    sa.Column("lesson_id", sa.String(64), primary_key=True),
    sa.Column("voter", sa.String(64), primary_key=True),
    sa.Column("choice", sa.String(64)),
)
# Of each run and sweep that is not over, who has submitted it, by a digest, and how; and when a server last had it.
submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("job_id", sa.String(64), primary_key=True),
    sa.Column("visitor", sa.String(160)),
    sa.Column("paused", sa.Boolean),
    sa.Column("priority", sa.Boolean),
    sa.Column("seen_at", sa.DateTime(timezone=True)),
)
# Of PostgreSQL alone: the servers that share it, and, in the only row with the id 1, which of them leads. The term
# counts how often that changed; the secret is what servers know one another by.
servers = sa.Table(
    "servers",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("url", sa.Text),
    sa.Column("seen_at", sa.DateTime(timezone=True)),
)
leadership = sa.Table(
    "leadership",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("term", sa.BigInteger),
    sa.Column("server", sa.String(64)),
    sa.Column("secret", sa.String(64)),
)
