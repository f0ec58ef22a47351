"""The page of claims: the list, measuring it, the results; and the certificate."""


from playwright.sync_api import expect

from cutaway.claims import CLAIMS
from cutaway.claims.claim import Claim
from tests.studio.asking import asked as ask


def test_every_claim_is_listed_and_measured_on_the_page(visit):
    page = visit.page
    page.keyboard.press("Control+k")
    visit.dialog.get_by_role("combobox").fill("claims")
    page.keyboard.press("Enter")
    view = page.get_by_role("region", name="What is true of this model")
    expect(view.get_by_role("row", name="W54")).to_contain_text("Ġquick: 1812")
    expect(view).to_contain_text("storybook is not GPT-2")
    assert view.get_by_role("row").count() == len(CLAIMS) + 4  # and the headings of four tables
    view.get_by_role("button", name="Measure all").click()
    verified = sum(claim.needs != "model" for claim in CLAIMS)
    expect(view.get_by_role("status").last).to_have_text(
        f"{verified} the same, 0 different, {len(CLAIMS) - verified} not measured")
    expect(view.get_by_role("row", name="W54")).to_contain_text("✓ same")
    expect(view.get_by_role("row", name="W102")).to_contain_text(
        "needs OpenAI's weights: cutaway fetch gpt2")
    page.keyboard.press("?")
    page.get_by_role("button", name="What the sources claim, measured").click()
    expect(view).to_be_visible()


def test_every_table_is_verified_on_the_page_and_bears_its_mark(visit):
    page = visit.page
    mark = page.get_by_text("as in Hugging Face")
    assert mark.count() == 0
    page.keyboard.press("Control+k")
    visit.dialog.get_by_role("combobox").fill("verify")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Verify every table").click()
    expect(page.get_by_text("123 tables, all the same")).to_be_visible(timeout=60_000)
    page.evaluate("cutaway.openTable('h3.attention')")
    expect(mark).to_contain_text("✓ as in Hugging Face")
    page.evaluate("cutaway.ask('change', {change: {kind: 'formula', step: 'h3.attention', "
                  "formula: 'softmax(scores)'}})")
    expect(mark).to_have_count(0)  # the numbers are others than those that were compared
    page.keyboard.press("Control+k")
    visit.dialog.get_by_role("combobox").fill("verify")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Verify every table").click()
    expect(page.get_by_text("tables differ, h3.attention first")).to_be_visible(timeout=60_000)


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
