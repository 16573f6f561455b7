"""The real images to train and test on: pinned, hashed, licensed, each with a role. Read ``catalogue``."""
