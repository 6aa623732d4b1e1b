"""Mails about failed rebuilds: who wants them, and which there are."""

import sqlalchemy as sa
from alembic import op

revision = "0009_build_letters"
down_revision = "0008_language"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("build_mail", sa.String(10), nullable=False, server_default=""))
    op.create_table(
        "build_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_build_letters_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_build_letters"),
    )
    op.create_index("ix_build_letters_due_at", "build_letters", ["due_at"])
    op.create_index("ix_build_letters_user_id_endpoint_id", "build_letters", ["user_id", "endpoint_id", "id"])


def downgrade() -> None:
    op.drop_table("build_letters")
    with op.batch_alter_table("users") as users:
        users.drop_column("build_mail")
