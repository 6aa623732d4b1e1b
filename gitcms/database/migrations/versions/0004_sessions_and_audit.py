"""Where a session is, each person's time zone, and what happened to accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0004_audit"
down_revision = "0003_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("time_zone", sa.String(64), nullable=False, server_default=""))
    with op.batch_alter_table("login_sessions") as sessions:
        sessions.add_column(sa.Column("address", sa.String(200), nullable=False, server_default=""))
        sessions.add_column(sa.Column("browser", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("who", sa.Integer),
        sa.Column("about", sa.Integer),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_event_address", "audit", ["event", "address"])


def downgrade() -> None:
    op.drop_table("audit")
    with op.batch_alter_table("login_sessions") as sessions:
        sessions.drop_column("browser")
        sessions.drop_column("address")
    with op.batch_alter_table("users") as users:
        users.drop_column("time_zone")
