"""Interventions as changes that are only ever added: triggers refuse to change or remove one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TABLE = "intervention_revisions"
REFUSED = "an intervention on record is never changed or removed"
REFUSING = "EXECUTE FUNCTION refuse_intervention_change()"


def upgrade() -> None:
    """Make the table, move what was registered into it, and guard it."""
    made = op.create_table(
        TABLE,
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("expectations", sa.JSON, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("released_on", sa.Date, nullable=False),
        sa.Column("rollout", sa.JSON, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("after_the_fact", sa.Boolean, nullable=False),
        sa.Column("demo", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("number", name=f"pk_{TABLE}"),
    )
    op.create_index("ix_intervention_revisions_once", TABLE, ["name", "revision"], unique=True)
    if rows := _known():
        op.bulk_insert(made, rows)
    op.drop_table("interventions")
    (_guard_in_postgresql if op.get_bind().dialect.name == "postgresql" else _guard_in_sqlite)()


def _known() -> list[dict[str, object]]:
    """What was registered before there were changes: each is the first of its own; nobody noted who made it."""
    before = sa.table(
        "interventions",
        *(sa.column(name, sa.Text) for name in ("name", "metric", "direction", "notes")),
        sa.column("scopes", sa.JSON),
        sa.column("expected_share", sa.Double),
        sa.column("released_on", sa.Date),
        sa.column("created_at", sa.DateTime),
        sa.column("number", sa.Integer),
    )
    rows = op.get_bind().execute(sa.select(before).order_by(before.c.number))
    return [
        {
            "name": row.name,
            "revision": 1,
            "change": "added",
            "recorded_at": row.created_at,
            "recorded_by": "unknown",
            "expectations": [{"metric": row.metric, "direction": row.direction, "share": row.expected_share}],
            "scopes": row.scopes,
            "released_on": row.released_on,
            "rollout": {},
            "notes": row.notes,
            "after_the_fact": row.released_on < row.created_at.date(),
            "demo": False,
        }
        for row in rows
    ]


def _guard_in_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    known = "known.number = NEW.number OR (known.name = NEW.name AND known.revision = NEW.revision)"
    op.execute(f"CREATE TRIGGER {TABLE}_update BEFORE UPDATE ON {TABLE} {refuse}")
    op.execute(f"CREATE TRIGGER {TABLE}_delete BEFORE DELETE ON {TABLE} WHEN NOT OLD.demo {refuse}")
    # INSERT OR REPLACE removes a row without asking the trigger on DELETE
    there = f"EXISTS (SELECT 1 FROM {TABLE} AS known WHERE {known})"  # noqa: S608 - our own name
    op.execute(f"CREATE TRIGGER {TABLE}_insert BEFORE INSERT ON {TABLE} WHEN {there} {refuse}")


def _guard_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_intervention_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {TABLE}_update BEFORE UPDATE ON {TABLE} FOR EACH ROW {REFUSING}")
    op.execute(f"CREATE TRIGGER {TABLE}_delete BEFORE DELETE ON {TABLE} FOR EACH ROW WHEN (NOT OLD.demo) {REFUSING}")
    op.execute(f"CREATE TRIGGER {TABLE}_truncate BEFORE TRUNCATE ON {TABLE} {REFUSING}")
