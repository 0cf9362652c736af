"""Python's own urllib with its defaults: prints a line for each answer, its status and its body."""
import gzip
import sys
import urllib.error
import urllib.request

url, key = sys.argv[1:3]


def say(name, path, body=None, **headers):
    request = urllib.request.Request(url + path, data=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            print(name, answer.status, answer.read().decode())
    except urllib.error.HTTPError as refused:
        print(name, refused.code, refused.read().decode())


say("keys", "/.well-known/jwks.json")
say("query", "/graphql", b'{"query":"{ plans { key } }"}', content_type="application/json")
say("mark", "/graphql", "\ufeff".encode() + b'{"query":"{ plans { key } }"}', content_type='application/json;charset="UTF-8"')
say("zipped", "/graphql", gzip.compress(b'{"query":"{ plans { key } }"}'), content_type="application/json", content_encoding="gzip")
say("refused", "/graphql", b'{"query":"{ customers { totalCount } }"}', content_type="application/json")
say("form", "/graphql", b"query=1")
say("large", "/graphql", b"x" * 6_000_000, content_type="application/json")
say("proxied", "/graphql", b'{"query":"{ viewer { __typename } }"}', content_type="application/json", x_api_key=key)
