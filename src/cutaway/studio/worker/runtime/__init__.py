"""What keeps the process that calculates alive: threads, interrupts, output, the debugger."""
