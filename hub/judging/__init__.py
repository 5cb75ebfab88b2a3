"""What is judged of a message when it comes in: spam, urgency, mood. Nothing here acts on it; rules may."""
