"""The versions of the stored runs' tables, one after the other (Alembic)."""
