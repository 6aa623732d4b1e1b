"""Lists that people keep under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0011_views"
down_revision = "0010_presence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to("user_id", "users", "fk_views_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
    )
    op.create_index("ix_views_user_id", "views", ["user_id"])
    op.create_table(
        "views_opened",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_views_opened_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["view_id"], ["views.id"], name="fk_views_opened_view_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "collection", name="pk_views_opened"),
    )
    op.create_index("ix_views_opened_view_id", "views_opened", ["view_id"])


def _belongs_to(column: str, table: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_table("views_opened")
    op.drop_table("views")
