"""What is said of a model that came into the store."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cutaway.weights import StoredModel


def tell_added(model: "StoredModel") -> None:
    """Its name, size and checksum, and what to do with it."""
    from cutaway.cli.screen import open_screen

    screen = open_screen()
    screen.print(f"{model.name} is in the store: {model.parameters:,} parameters, "
                 f"{model.size_bytes / 1e6:,.1f} MB.",
                 f"SHA-256 {model.sha256}")
    if model.notes:
        screen.note(model.notes)
    screen.hint("Try it:", f'cutaway "Mike is quick. He moves" --model {model.name}')
