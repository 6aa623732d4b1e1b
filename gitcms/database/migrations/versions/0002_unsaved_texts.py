"""What people typed and have not saved yet."""

import sqlalchemy as sa
from alembic import op

revision = "0002_unsaved"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsaved",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "token", name="pk_unsaved"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_unsaved_user_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("unsaved")
