"""SAY IT: one file a command, heavy imports inside the commands."""
