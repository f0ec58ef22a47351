"""Write the table of docs/claims.md from the claims themselves.

    python docs/make_claims.py
"""

from pathlib import Path

from cutaway.claims import SUBJECTS, Claim, in_words

PAGE = Path(__file__).with_name("claims.md")
BEGIN, END = "<!-- claims -->\n", "<!-- end of claims -->\n"
NEEDS = {"": "arithmetic", "vocabulary": "GPT-2's vocabulary", "model": "OpenAI's weights"}


def with_table(page: str) -> str:
    """A page with the table between the two marks as the claims are now."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{_tables()}{END}{after}"


def _tables() -> str:
    return "".join(
        f"\n### {subject.title}\n\n| item | claim | claimed | source | measured here | needs |\n"
        f"|---|---|---|---|---|---|\n{''.join(map(_row, subject.claims))}"
        for subject in SUBJECTS) + "\n"


def _row(claim: Claim) -> str:
    mark = f" [{claim.mark}]" if claim.mark else ""
    cells = [claim.name + mark, claim.says, f"`{in_words(claim.claimed)}`", claim.source,
             claim.how, NEEDS[claim.needs]]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
