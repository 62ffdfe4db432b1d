import asyncpg
import pytest

from domain.requisition.template import RequisitionTemplate
from store.requisition_templates import RequisitionTemplates

TEMPLATE = RequisitionTemplate.model_validate(
    {
        "title": "Product Manager", "team": "Permits", "place": "Seattle", "jurisdiction": "US-WA",
        "job_text": "You sit with the clerks.",
        "roles": dict.fromkeys(("hiring_manager", "hr_partner", "recruiting_lead", "manager_lead"), "P-DANA01"),
        "band": {"minimum": "140000", "maximum": "170000", "currency": "USD"},
        "criteria": (), "requirements": (), "agreement": None, "plan": (),
    }
)  # fmt: skip


@pytest.fixture
def templates(pool: asyncpg.Pool) -> RequisitionTemplates:
    return RequisitionTemplates(pool)


async def test_a_template_is_read_as_it_was_kept_and_made_once(templates: RequisitionTemplates) -> None:
    made = await templates.make("T-KEPT01", "Permits", TEMPLATE, "R-FIRST01", "P-MARA01")
    again = await templates.make("T-KEPT01", "Other", TEMPLATE, "R-OTHER01", "P-MARA01")
    assert again == made
    assert (made.content, made.name, made.uses) == (TEMPLATE, "Permits", 0)
    assert await templates.read("T-NONE01") is None


async def test_each_requisition_counts_once_and_with_the_first_it_was_opened_from(
    templates: RequisitionTemplates,
) -> None:
    for id in ("T-COUNT01", "T-COUNT02"):
        await templates.make(id, id, TEMPLATE, "R-FIRST01", "P-MARA01")
    for template, requisition in (("T-COUNT01", "R-A00001"), ("T-COUNT02", "R-A00001"), ("T-COUNT01", "R-B00001")):
        await templates.used(template, requisition, "P-MARA01")
    await templates.used("T-NONE01", "R-C00001", "P-MARA01")
    uses = {one.id: one.uses for one in await templates.all()}
    assert (uses["T-COUNT01"], uses["T-COUNT02"]) == (2, 0)
    begun = await templates.begun_from("R-A00001")
    assert begun is not None
    assert begun.id == "T-COUNT01"
    assert await templates.begun_from("R-C00001") is None


async def test_what_is_retired_stands_last_and_comes_back(templates: RequisitionTemplates) -> None:
    for id, name in (("T-LAST01", "A"), ("T-LAST02", "B")):
        await templates.make(id, name, TEMPLATE, "R-FIRST01", "P-MARA01")
    await templates.retire("T-LAST01", True, "P-MARA01")
    order = [one.id for one in await templates.all() if one.id.startswith("T-LAST")]
    assert order == ["T-LAST02", "T-LAST01"]
    retired = await templates.read("T-LAST01")
    assert retired is not None
    assert retired.retired_by == "P-MARA01"
    await templates.retire("T-LAST01", False, "P-MARA01")
    back = await templates.read("T-LAST01")
    assert back is not None
    assert (back.retired_by, back.retired_at) == (None, None)
