"""Where somebody may write."""

import sqlalchemy as sa
from alembic import op

revision = "0003_places"
down_revision = "0002_unsaved"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("places", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.drop_column("places")
