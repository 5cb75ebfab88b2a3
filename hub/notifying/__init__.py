"""Telling agents what concerns them: decided purely, told once, withdrawn when it is not true any more."""
