"""What Alembic runs: the steps in `versions`, on the connection that `Database.upgrade` hands in."""

from alembic import context

from gitcms.database.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    # SQLite can undo a CREATE TABLE as well; Alembic is more careful than need be.
    transactional_ddl=True,
)
context.run_migrations()
