"""Work on models that runs in a process of its own, one piece of work each."""
