"""Rebuilds of services, and what they report; services that call us, and what they sent."""

import sqlalchemy as sa
from alembic import op

revision = "0007_builders"
down_revision = "0006_second_factor"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("endpoint_id", sa.Integer),
        sa.Column("delivery_id", sa.Integer),
        sa.Column("link", sa.String(500), nullable=False, server_default=""),
        sa.Column("told_by", sa.String(20), nullable=False, server_default=""),
        sa.Column("proof", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("look_at", MOMENT),
        sa.Column("looks", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("builds", column)
    for name in ("endpoint_id", "delivery_id", "look_at"):
        op.create_index(f"ix_builds_{name}", "builds", [name])
    op.create_table(
        "callers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sender", sa.String(20), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callers"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("caller_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("outcome", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"], name="fk_calls_caller_id", ondelete="CASCADE"),
    )
    op.create_index("ix_calls_caller_id_key", "calls", ["caller_id", "key"], unique=True)


def downgrade() -> None:
    op.drop_table("calls")
    op.drop_table("callers")
    for name in ("endpoint_id", "delivery_id", "look_at"):
        op.drop_index(f"ix_builds_{name}", "builds")
    for name in ("endpoint_id", "delivery_id", "link", "told_by", "proof", "look_at", "looks"):
        op.drop_column("builds", name)
