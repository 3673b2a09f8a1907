"""Several web servers on one PostgreSQL."""
