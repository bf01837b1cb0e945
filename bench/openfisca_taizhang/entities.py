"""People, and the households a simulation wants them in."""

from openfisca_core.entities import build_entity

Person = build_entity(key="person", plural="people", label="Person", is_person=True)

Household = build_entity(
    key="household",
    plural="households",
    label="Household",
    roles=[{"key": "member", "plural": "members", "label": "Members"}],
)
