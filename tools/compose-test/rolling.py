"""Every service and the router is replaced by new replicas, as in an upgrade, while people go on asking. Not one request
may fail. Usage: rolling.py URL
"""

import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path

from graph import Person, Refused, fetch

URL = sys.argv[1]
UPDATE = Path(__file__).parents[2] / "deploy" / "rolling-update"
QUERY = """{
  events(first: 2) { nodes { title availability { available } organization { name } } }
  me { id tickets(first: 1) { nodes { code } } }
  notifications(first: 1) { nodes { id } }
}"""


def main():
    done, asked, refused = threading.Event(), [0], []

    def asks(person):
        # The graph asks four of them for this; the others are asked by REST in turn.
        turns = itertools.cycle(["graph", "payments", "graph", "analytics"])
        while not done.is_set():
            service = next(turns)
            try:
                if service in ("payments", "analytics"):
                    status, body, _ = fetch(f"{URL}/api/{service}/openapi.json")
                    if status != 200:
                        raise Refused(f"{service}: {status} {body[:200]!r}")
                else:
                    person.asks(QUERY)
            except (Refused, OSError) as error:
                refused.append(f"{time.strftime('%X')} {error}")
            asked[0] += 1
            time.sleep(0.05)

    people = [threading.Thread(target=asks, args=(Person(URL, f"Person{number}"),)) for number in range(4)]
    for person in people:
        person.start()
    try:
        update = subprocess.run([UPDATE], capture_output=True, text=True)
    finally:
        done.set()
        for person in people:
            person.join()
    if update.returncode:
        raise SystemExit(f"the update failed:\n{update.stdout}{update.stderr}")
    for line in refused[:5]:
        print(f"   refused: {line}")
    assert not refused, f"{len(refused)} of {asked[0]} requests were refused"
    print(f"   {asked[0]} requests while every service and the router were replaced, none refused")


main()
