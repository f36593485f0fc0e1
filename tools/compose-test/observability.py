"""What is seen of the running platform by those who watch it. Prometheus, where it runs: targets, alerts, and every panel
of the dashboards. Tempo: traces of the router and of every service.

Usage: observability.py COMPOSE_PROJECT URL, after a purchase (story.py)
"""

import json
import pathlib
import subprocess
import sys
import time
import urllib.parse

from containers import containers
from graph import PATIENCE, Person, fetch

PROJECT, URL = sys.argv[1:3]
SERVICES = ("users", "events", "tickets", "payments", "notifications", "analytics")
ROOT = pathlib.Path(__file__).resolve().parents[2]

# Panels that stay empty while all is well: their counters begin with the first trouble.
TROUBLE = {
    "Calls not made, because a breaker was open",
    "Calls outside that failed",
    "Delivered again",
    "Errors of the graph, by code",
    "Holds that ran out",
    "New dead letters",
    "Services' answers of 5xx",
}


def replicas(service):
    return containers(PROJECT, service)


def inspected(container, what):
    return subprocess.run(["docker", "inspect", "-f", what, container], check=True, capture_output=True, text=True).stdout.strip()


def addresses(service):
    return [inspected(container, '{{(index .NetworkSettings.Networks "%s_platform").IPAddress}}' % PROJECT) for container in replicas(service)]


def asks(path, **parameters):
    status, body, _ = fetch(f"http://{addresses('prometheus')[0]}:9090/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
    told = json.loads(body)
    assert told["status"] == "success", f"{path} {parameters}: {status} {told.get('error')}"
    return told["data"]


def until(wrong):
    """Looks until nothing is wrong; what is wrong then is the failure."""
    patience = time.monotonic() + PATIENCE
    while complaint := wrong():
        if time.monotonic() > patience:
            raise SystemExit(complaint)
        time.sleep(1)


def every_replica_is_scraped():
    scraped = {}
    for target in asks("targets", state="active")["activeTargets"]:
        if target["health"] != "up":
            return f"{target['labels']} is {target['health']}: {target['lastError']}"
        scraped.setdefault(target["labels"]["job"], []).append(target["labels"]["instance"])
    for service in ("router", *SERVICES):
        there = sorted(f"{address}:4100" for address in addresses(service))
        if sorted(scraped.get(service, [])) != there:
            return f"of {service} {scraped.get(service)} are scraped, and there are {there}"
    return None if "traefik" in scraped else "traefik is not scraped"


def every_rule_is_evaluated():
    for group in asks("rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] != "ok":
                return f"{rule['name']} is {rule['health']}: {rule.get('lastError')}"
    return None


def panels():
    for path in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                # Grafana takes four scrapes.
                yield path.stem, panel["title"], target["expr"].replace("$__rate_interval", "40s")


def every_panel_has_data():
    empty = [f"{dashboard}: {title}" for dashboard, title, expression in panels() if not asks("query", query=expression)["result"] and title not in TROUBLE]
    return f"panels without data: {empty}" if empty else None


def what_was_sent():
    """A line for each request to the stand-in: method, path, content type, encoding, and the services that speak in it."""
    said = subprocess.run(["docker", "logs", replicas("tempo")[0]], check=True, capture_output=True, text=True)
    return [line.split() for line in said.stdout.splitlines()]


def every_service_sends_traces():
    told = {service for _, _, _, _, *services in what_was_sent() for service in services}
    missing = {f"odysseus-{service}" for service in ("router", *SERVICES)} - told
    return f"no traces of {sorted(missing)}" if missing else None


def prometheus():
    until(every_replica_is_scraped)
    print(f"   {len(asks('targets', state='active')['activeTargets'])} targets are scraped, each replica among them", flush=True)
    until(every_rule_is_evaluated)
    rules = [rule for group in asks("rules")["groups"] for rule in group["rules"]]
    firing = sorted(rule["name"] for rule in rules if rule["state"] == "firing")
    assert not firing, f"alerts while all is well: {firing}"
    print(f"   {len(rules)} alerts are evaluated, and none fires", flush=True)
    # The only thing on the dashboards that the story does not do.
    person = Person(URL, "Lea")
    person.asks("mutation($input: LoginInput!) { login(input: $input) { accessToken } }",
                input={"email": person.email, "password": "correct horse battery"})
    until(every_panel_has_data)
    print(f"   each of {len(list(panels()))} panels has data, but those of troubles that there were none of", flush=True)


def tempo():
    until(every_service_sends_traces)
    odd = {" ".join(line[:4]) for line in what_was_sent()} - {"POST /v1/traces application/x-protobuf plain"}
    assert not odd, f"Tempo was asked {sorted(odd)}"
    print(f"   traces arrive of the router and of {len(SERVICES)} services, as OTLP over HTTP", flush=True)


def main():
    if replicas("prometheus"):
        prometheus()
    image = inspected(replicas("tempo")[0], "{{.Config.Image}}")
    if inspected(image, '{{index .Config.Labels "odysseus.stand-in"}}') == "true":
        tempo()
    else:
        print("   NOT looked at: what arrives at Tempo, since the stand-in for it is not there", flush=True)


main()
