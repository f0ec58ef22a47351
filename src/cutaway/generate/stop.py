"""Where a text ends: before the first of some phrases, which may run over several tokens."""

from collections.abc import Sequence

from cutaway.errors import SettingError


class UntilPhrase:
    """Text that goes on until a phrase is complete, and ends before it.

    What may be the beginning of a phrase is held back until it is certain. Of several phrases the
    one that is complete first ends the text; of those that end together, the longest. So it does
    not matter how the text is cut into tokens.

        until = UntilPhrase(["the end"])
        until.add("It was the")      # "It was "
        until.add(" best")           # "the best"
        until.add(". the end of it") # ". ", and until.found is "the end"

    Raises:  SettingError for an empty phrase
    """

    def __init__(self, phrases: Sequence[str]):
        if "" in phrases:
            raise SettingError("A stop phrase is empty, so that the text would end before it "
                               "begins. Give the words before which it is to end, or leave it out.")
        self._phrases, self._held = tuple(phrases), ""
        self.found: str | None = None

    def add(self, text: str) -> str:
        """The text that is certain now; what comes after a phrase is left out."""
        if self.found is not None:
            return ""
        text = self._held + text
        if found := [(text.find(phrase), phrase) for phrase in self._phrases if phrase in text]:
            place, self.found = min(found, key=lambda one: (one[0] + len(one[1]), one[0]))
            self._held = ""
            return text[:place]
        certain = len(text) - max((_beginning(phrase, text) for phrase in self._phrases), default=0)
        self._held = text[certain:]
        return text[:certain]

    def finish(self) -> str:
        """What was held back at the end, and became no phrase."""
        held, self._held = self._held, ""
        return held


def _beginning(phrase: str, text: str) -> int:
    """How many of the last characters of a text may be the first ones of a phrase."""
    most = min(len(phrase) - 1, len(text))
    return next((n for n in range(most, 0, -1) if text.endswith(phrase[:n])), 0)
