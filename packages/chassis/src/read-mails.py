"""Reads the mails of a folder as Python's own parser does, and prints as JSON what it finds and what it faults."""
import email.policy, json, pathlib, re, sys
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

def read(path):
    raw = path.read_bytes()
    head, _, rest = raw.partition(b"\r\n\r\n")
    mail = BytesParser(policy=email.policy.default).parsebytes(raw)
    faults = [type(fault).__name__ for part in mail.walk() for fault in part.defects]
    faults += [f"{name}: {type(fault).__name__}" for part in mail.walk() for name, value in part.items() for fault in value.defects]
    if re.search(rb"[^\r]\n|\r[^\n]", raw): faults.append("a line end that is no CR LF")
    if re.search(rb"[\x80-\xff]", raw): faults.append("bytes of eight bits")
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", raw): faults.append("control characters")
    if any(len(line) > 998 for line in raw.split(b"\r\n")): faults.append("a line of more than 998 bytes")
    if any(len(line) > 78 for line in head.split(b"\r\n") if b" " in line[1:]): faults.append("a header that could be folded and is not")
    return {
        "faults": faults,
        "count": {name: len(mail.get_all(name, [])) for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")},
        "subject": mail["Subject"],
        "from": [[a.display_name, a.addr_spec] for a in mail["From"].addresses],
        "to": [[a.display_name, a.addr_spec] for a in mail["To"].addresses],
        "date": parsedate_to_datetime(mail["Date"]).isoformat(),
        "messageId": mail["Message-ID"].strip(),
        "unsubscribe": (mail["List-Unsubscribe"] or "").strip(),
        "oneClick": (mail["List-Unsubscribe-Post"] or "").strip(),
        "text": mail.get_body(("plain",)).get_content().replace("\r\n", "\n"),
        "html": mail.get_body(("html",)).get_content().replace("\r\n", "\n"),
    }

print(json.dumps([read(path) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml"))]))
