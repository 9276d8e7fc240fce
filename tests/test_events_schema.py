"""The published schema tells what the models take, with the words that stand beside each field."""

import pytest

from tribometer.events import EVENT_TYPES, parse_event
from tribometer.events.schema import json_schema

SCHEMA = json_schema()


def test_every_type_of_event_is_a_variant_that_names_itself() -> None:
    named = [each["$ref"].rpartition("/")[2] for each in SCHEMA["oneOf"]]
    assert named == list(EVENT_TYPES)
    assert all(SCHEMA["$defs"][name]["properties"]["type"] == {"const": name} for name in named)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_reference_in_a_types_schema_leads_somewhere(name: str) -> None:
    text = str(SCHEMA["$defs"][name])
    targets = {part.split("'")[0] for part in text.split("#/$defs/")[1:]}
    assert targets <= SCHEMA["$defs"].keys()


def test_fields_carry_the_words_of_the_models_own_source() -> None:
    incident = SCHEMA["$defs"]["incident"]["properties"]
    assert "recovery time" in incident["impact_started_at"]["description"]
    assert "github:acme/checkout" in incident["source"]["description"]
    assert SCHEMA["$defs"]["slo"]["properties"]["objective"]["description"] == "Share 0..1."


def test_what_the_schema_requires_the_models_require() -> None:
    for name in EVENT_TYPES:
        required = set(SCHEMA["$defs"][name]["required"])
        model = {field.alias or key for key, field in EVENT_TYPES[name].model_fields.items() if field.is_required()}
        assert required == model | {"type"}


def test_a_renamed_field_is_published_and_read_under_its_contract_name() -> None:
    shown = SCHEMA["$defs"]["slo"]["properties"]
    assert {"from", "to"} <= shown.keys()
    window = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "objective": 0.9, "good": 1, "total": 2}
    event = parse_event({"type": "slo", "source": "s", "id": "1", "service": "a", "name": "n", **window})
    assert event.model_dump(by_alias=True)["from"].day == 1
