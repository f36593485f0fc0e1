"""A service without any replica: who asks it is told to come again (503, not 404), and the rest goes on.
Usage: missing.py URL PROJECT
"""

import json
import subprocess
import sys

from containers import containers
from graph import eventually, fetch

URL, PROJECT = sys.argv[1:]
GRAPH = json.dumps({"query": "{ events(first: 1) { nodes { title } } }"}).encode()


def status_of(path, body=None):
    return fetch(URL + path, body, {"content-type": "application/json"})[0]


def main():
    for service, path, body in (
        ("analytics", "/api/analytics/openapi.json", None),
        ("router", "/graphql", GRAPH),
        ("router", "/graphiql", None),
    ):
        replicas = containers(PROJECT, service)
        subprocess.run(["docker", "stop", *replicas], check=True, capture_output=True)
        try:
            eventually(f"{path} is answered 503", lambda: status_of(path, body) == 503)
            if service != "router":
                assert status_of("/graphql", GRAPH) == 200
        finally:
            subprocess.run(["docker", "start", *replicas], check=True, capture_output=True)
        eventually(f"{path} is answered again", lambda: status_of(path, body) == 200)
    print("   while a service has no replica at all, who asks it is told to come again")


main()
