"""E-mail: reading it whatever its shape, answering it so that it threads, over IMAP and SMTP."""
