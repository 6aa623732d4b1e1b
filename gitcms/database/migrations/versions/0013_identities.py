"""Signing in through other providers: who is who there, and sign-ins that are on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0013_identities"
down_revision = "0012_feeds"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("shown_as", sa.String(254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])
    op.create_index("ix_identities_issuer_subject", "identities", ["issuer", "subject"], unique=True)
    op.create_table(
        "sign_ins_elsewhere",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_sign_ins_elsewhere"),
    )
    op.create_index("ix_sign_ins_elsewhere_begun_at", "sign_ins_elsewhere", ["begun_at"])


def downgrade() -> None:
    op.drop_table("sign_ins_elsewhere")
    op.drop_table("identities")
