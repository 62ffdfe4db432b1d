"""What the rules beside this catch, and what they let be. Read by `semgrep --test` alone; nothing runs it."""


def bad_comparisons(given, row, token, said):
    # ruleid: secrets-compared-in-the-open
    yield token == given
    # ruleid: secrets-compared-in-the-open
    yield row["sha256"] != given
    # ruleid: secrets-compared-in-the-open
    yield given == said.mac


def good_comparisons(given, row, token):
    # ok: secrets-compared-in-the-open
    yield hmac.compare_digest(row["sha256"], given)
    # ok: secrets-compared-in-the-open
    yield token == ""
    # ok: secrets-compared-in-the-open
    yield row["kind"] == "token"


def bad_hashes(email, source):
    # ruleid: hash-without-a-key
    yield hashlib.sha256(email.encode()).hexdigest()
    # ruleid: hash-without-a-key
    yield hashlib.md5(source.text.encode()).hexdigest()


def good_hashes(secret, email, key):
    # ok: hash-without-a-key
    yield hashlib.sha256(secret.encode()).digest()
    # ok: hash-without-a-key
    yield hmac.new(key, email.encode(), hashlib.sha256).hexdigest()


def bad_logs(body, command, person, error):
    # ruleid: words-in-a-log
    log.info("taken", body=body)
    # ruleid: words-in-a-log
    log.info("taken", what=command.body.model_dump())
    # ruleid: words-in-a-log
    log.warning(f"{person} was refused")
    # ruleid: words-in-a-log
    self._log.error("not sent", to=person.email)


def good_logs(command, receipt, error, text):
    # ok: words-in-a-log
    log.info("taken", command=command.name, version=receipt.version)
    # ok: words-in-a-log
    log.error("not sent", kind=type(error).__name__)
    # ok: words-in-a-log
    log.info("read", size=len(text))
