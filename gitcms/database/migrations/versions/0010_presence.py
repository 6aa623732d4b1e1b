"""Which windows have which entry open."""

import sqlalchemy as sa
from alembic import op

revision = "0010_presence"
down_revision = "0009_build_letters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_windows",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "token", name="pk_open_windows"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_open_windows_user_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("open_windows")
