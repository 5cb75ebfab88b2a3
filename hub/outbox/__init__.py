"""The way out: what may be sent, sending it once, and what the platform says of it afterwards."""
