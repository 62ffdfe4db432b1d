"""What stops the laptop stack, said to the person at the keyboard."""


class StackError(Exception):
    """The stack cannot start or go on. Its text is one sentence that says what to do, printed without traceback."""
