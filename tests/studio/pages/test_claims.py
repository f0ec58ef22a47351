"""The page of claims: the list, measuring it with progress, the results."""


from playwright.sync_api import expect

from cutaway.claims import CLAIMS
from cutaway.claims.claim import Claim
from tests.studio.asking import asked as ask


def test_every_claim_is_listed_and_measured_on_the_page(visit):
    page = visit.page
    page.keyboard.press("Control+k")
    visit.dialog.get_by_role("combobox").fill("claims")
    page.keyboard.press("Enter")
    view = page.get_by_role("region", name="What the sources claim")
    expect(view.get_by_role("row", name="W54")).to_contain_text("Ġquick: 1812")
    expect(view).to_contain_text("storybook is not GPT-2")
    assert view.get_by_role("row").count() == len(CLAIMS) + 4  # and the headings of four tables
    view.get_by_role("button", name="Measure all").click()
    verified = sum(claim.needs != "model" for claim in CLAIMS)
    expect(view.get_by_role("status")).to_have_text(
        f"{verified} the same, 0 different, {len(CLAIMS) - verified} not measured")
    expect(view.get_by_role("row", name="W54")).to_contain_text("✓ same")
    expect(view.get_by_role("row", name="W102")).to_contain_text(
        "needs OpenAI's weights: cutaway fetch gpt2")
    page.keyboard.press("?")
    page.get_by_role("button", name="What the sources claim, measured").click()
    expect(view).to_be_visible()


def test_an_interrupt_keeps_what_was_measured(monkeypatch):
    from types import SimpleNamespace

    from cutaway import open_model
    from cutaway.claims import SUBJECTS
    from cutaway.studio.worker.verbs import claims

    def interrupted():
        raise KeyboardInterrupt

    first = SUBJECTS[1].claims[0]
    stopping = Claim(first.item, first.mark, "", "", "", interrupted)
    monkeypatch.setattr("cutaway.studio.worker.verbs.claims.SUBJECTS",
                        [SimpleNamespace(title="Two", claims=[first, stopping])])
    pushed = []
    workspace = SimpleNamespace(model=open_model(), push=pushed.append)
    assert ask(claims.claims_measure, workspace) == {"measured": 1, "stopped": True}
    assert [(one["item"], one["result"], one["of"]) for one in pushed] == [("W6", "same", 2)]
