"""What the addresses of each person's feeds follow from."""

import sqlalchemy as sa
from alembic import op

revision = "0012_feeds"
down_revision = "0011_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("feed_salt", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.drop_column("feed_salt")
