"""Whether a restored platform knows what was dumped and not what came later.

Usage: remembers.py URL write FILE     opens an account after the dump, and notes it
       remembers.py URL read FILE      after the restore: that account is unknown, the events of before are there
"""

import json
import sys

from graph import Person, eventually, fetch

URL, DO, FILE = sys.argv[1:]
LOGIN = 'mutation($email: String!) { login(input: { email: $email, password: "correct horse battery" }) { user { id } } }'


def login(email):
    body = json.dumps({"query": LOGIN, "variables": {"email": email}}).encode()
    answer = json.loads(fetch(f"{URL}/graphql", body, {"content-type": "application/json"})[1])
    return None if answer.get("errors") else answer["data"]["login"]["user"]["id"]


def events():
    query = json.dumps({"query": "{ events(first: 50) { totalCount } }"}).encode()
    answer = json.loads(fetch(f"{URL}/graphql", query, {"content-type": "application/json"})[1])
    return answer["data"]["events"]["totalCount"]


if DO == "write":
    later = Person(URL, "Later")
    assert login(later.email)
    with open(FILE, "w") as file:
        json.dump({"email": later.email, "events": events()}, file)
else:
    with open(FILE) as file:
        noted = json.load(file)
    assert eventually("events are there again", lambda: events() == noted["events"])
    assert login(noted["email"]) is None, "an account from after the dump is still there"
    print("   what was dumped is there, what came later is not")
