"""The sign-in door: who comes in, who they are, where they may go."""
