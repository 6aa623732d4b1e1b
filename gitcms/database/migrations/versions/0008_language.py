"""The language of each person's pages."""

import sqlalchemy as sa
from alembic import op

revision = "0008_language"
down_revision = "0007_builders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("language", sa.String(20), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.drop_column("language")
