"""What is drawn on the screen: bars, heat, sheets of numbers, running text, progress."""
