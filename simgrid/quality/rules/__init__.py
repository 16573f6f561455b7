"""Does the header say what the pixels show?"""
