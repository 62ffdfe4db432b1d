"""Mail on its way out: what a message is, and the connection to the mail server; who claims or retries, others know."""
