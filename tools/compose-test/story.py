"""From an account to a ticket in the mail, through Traefik, while a replica of tickets dies.

Usage: story.py URL MAIL_URL COMPOSE_PROJECT
"""

import json
import subprocess
import sys
import uuid
from datetime import datetime, timedelta, timezone

from containers import containers
from graph import Live, Person, Refused, eventually, fetch

URL, MAIL, PROJECT = sys.argv[1:4]


def said(what):
    print(f"   {what}", flush=True)


def a_show():
    organizer = Person(URL, "Olga")
    org = organizer.asks('mutation { createOrganization(input: { name: "Evenings" }) { id } }')["createOrganization"]["id"]
    venue = organizer.asks(
        """mutation($org: ID!) { createVenue(input: { organizationId: $org, name: "The Back Room", timezone: "Europe/Vienna",
        address: { street: "Lindengasse 4", postalCode: "1070", city: "Vienna", countryCode: "AT" } }) { id } }""", org=org)["createVenue"]["id"]
    rows = [{"label": row, "seats": [{"label": str(n), "x": 10 * n, "y": 10 * y} for n in range(1, 11)]} for y, row in enumerate("ABCDE")]
    layout = organizer.asks(
        "mutation($venue: ID!, $sections: [LayoutSectionInput!]!) { createVenueLayout(input: { venueId: $venue, name: \"Rows\", sections: $sections }) { id } }",
        venue=venue, sections=[{"key": "ROWS", "name": "Rows", "kind": "SEATED", "rows": rows}])["createVenueLayout"]["id"]
    starts = datetime.now(timezone.utc) + timedelta(days=30)
    instant = lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    event = eventually("an event is made", lambda: organizer.asks(
        """mutation($org: ID!, $venue: ID!, $layout: ID!, $starts: DateTime!, $ends: DateTime!) { createEvent(input: {
        organizationId: $org, venueId: $venue, layoutId: $layout, title: "Songs for Three Chairs", category: MUSIC, currency: "EUR",
        startsAt: $starts, endsAt: $ends }) { id } }""",
        org=org, venue=venue, layout=layout, starts=instant(starts), ends=instant(starts + timedelta(hours=2))))["createEvent"]["id"]
    eventually("tickets has heard of the event", lambda: organizer.asks(
        """mutation($event: ID!) { createTicketType(input: { eventId: $event, name: "Chair", sections: ["ROWS"],
        price: { amount: "30.00", currency: "EUR" } }) { id } }""", event=event))
    eventually("the event is published", lambda: organizer.asks("mutation($event: ID!) { publishEvent(id: $event) { status } }", event=event))
    return event


def buys(event, seats):
    buyer = Person(URL, "Bea")
    hold = eventually("seats are held", lambda: buyer.asks(
        """mutation($event: ID!, $seats: [HoldSeatInput!]!, $key: String!) { holdSeats(input: { eventId: $event, seats: $seats,
        idempotencyKey: $key }) { id } }""", event=event, seats=[{"seatId": seat} for seat in seats], key=seats[0]))["holdSeats"]["id"]
    order = eventually("an order is placed", lambda: buyer.asks(
        """mutation($hold: ID!, $key: String!, $email: String!) { checkout(input: { reservationId: $hold, idempotencyKey: $key,
        attendees: [{ name: "Bea", email: $email }] }) { id } }""", hold=hold, key=f"{hold}-order", email=buyer.email))["checkout"]["id"]
    eventually("it is paid", lambda: buyer.asks(
        'mutation($order: ID!, $key: String!) { pay(input: { orderId: $order, paymentMethod: "pm_card_visa", idempotencyKey: $key }) { status } }',
        order=order, key=f"{order}-pay"))
    def completed():
        told = buyer.asks("query($order: ID!) { order(id: $order) { status tickets { code pdfUrl } } }", order=order)["order"]
        return told if told["status"] == "COMPLETED" else None
    return buyer, eventually("the order completes", completed)


def outside_there_is_nothing_else():
    query = json.dumps({"query": "{ _service { sdl } }"}).encode()
    for path in ["/metrics", "/healthz", "/readyz", "/ws", "/.well-known/jwks.json", "/dashboard/", "/api/http/routers", "/ping"] + [
            f"/api/{service}/{what}" for service in ("users", "events", "tickets", "payments", "notifications", "analytics")
            for what in ("graphql", "ws", "metrics", "healthz", "readyz")]:
        status, body, _ = fetch(URL + path, query, {"content-type": "application/json"})
        assert status in (404, 405), f"{path} answers {status} {body[:100]!r}"
    for host in ("tickets-odysseus", "tickets", f"tickets-{PROJECT}.invalid", "traefik"):
        status, body, _ = fetch(f"{URL}/graphql", query, {"content-type": "application/json", "host": host})
        assert b'"sdl"' not in body, f"as {host}: {status} {body[:100]!r}"


def main():
    for path in ("/", "/graphql?query=%7B__typename%7D", "/sandbox"):
        status, body, _ = fetch(URL + path)
        assert status == 200, f"{path} answers {status} {body[:200]!r}"
    said("pages, the graph and the sandbox answer at the published port")
    outside_there_is_nothing_else()
    said("subgraphs, metrics and probes do not")

    event = a_show()
    browser = Person(URL, "Ria")
    def free():
        sections = browser.asks("query($event: ID!) { event(id: $event) { seatMap { sections { seats { id status } } } } }", event=event)
        return [seat["id"] for section in sections["event"]["seatMap"]["sections"] for seat in section["seats"] if seat["status"] == "AVAILABLE"]
    seats = eventually("the seat map is there", free)
    assert len(seats) == 50, len(seats)
    live = Live(URL, f'subscription {{ seatMapChanged(eventId: "{event}") {{ version changes {{ seatId status }} }} }}')
    live.next()
    buyer, order = buys(event, seats[:2])
    seen = set()
    while "SOLD" not in seen:
        seen |= {change["status"] for change in live.next()["seatMapChanged"]["changes"] if change["seatId"] == seats[0]}
    said(f"an order completed, and who watched the seat map saw {', '.join(sorted(seen))}")

    # Of three replicas one dies, and nobody may notice but those whose requests were with it.
    victim = containers(PROJECT, "tickets")[0]
    subprocess.run(["docker", "kill", victim], check=True, capture_output=True)
    refused = 0
    for number in range(60):
        try:
            browser.asks("query($event: ID!) { event(id: $event) { title availability { available } } }", event=event)
        except Refused as error:
            refused += 1
            said(f"refused while a replica was missing: {error}")
    assert refused <= 2, f"{refused} of 60 requests were refused"
    buys(event, seats[2:4])
    subprocess.run(["docker", "start", victim], check=True, capture_output=True)
    said(f"a replica of tickets was killed: {refused} of 60 requests were refused, and the next order completed")

    served = spread(event, browser)
    said(f"requests over the replicas: {served}")

    def mails():
        status, body, _ = fetch(f"{MAIL}/sandbox/mails.json?to={buyer.email}")
        found = [mail for mail in json.loads(body) if "Songs for Three Chairs" in mail["subject"]] if status == 200 else []
        return found if any(part["name"].endswith(".pdf") for mail in found for part in mail["attachments"]) else None
    mail = eventually("the mail with the ticket arrives", mails)
    said(f"a mail with the tickets arrived: {mail[0]['subject']}")
    pdf = order["tickets"][0]["pdfUrl"]
    assert pdf.startswith(URL), pdf
    status, body, headers = fetch(pdf)
    assert status == 200 and body.startswith(b"%PDF-"), (status, body[:100])
    assert headers["x-content-type-options"] == "nosniff"
    said("the ticket opens at the address that the order shows")


def spread(event, browser):
    """How the requests to tickets are spread, by what each replica has counted."""
    eventually("three replicas are there", lambda: len(containers(PROJECT, "tickets")) == 3)
    def counts():
        told = {}
        for container in containers(PROJECT, "tickets"):
            address = subprocess.run(
                ["docker", "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", container],
                check=True, capture_output=True, text=True).stdout.split()[0]
            _, body, _ = fetch(f"http://{address}:4100/metrics")
            lines = body.decode().splitlines()
            told[container] = sum(
                float(line.rsplit(" ", 1)[1]) for line in lines
                if line.startswith("http_request_duration_seconds_count{") and 'route="/graphql"' in line)
        return told
    # The gateway has to have seen that the third is back.
    def all_are_asked():
        before = counts()
        for _ in range(30):
            browser.asks("query($event: ID!) { event(id: $event) { availability { available } } }", event=event)
        now = counts()
        shares = sorted(int(now[container] - before[container]) for container in now)
        return shares if shares[0] >= 5 else None
    return eventually("each replica gets its share", all_are_asked)


if __name__ == "__main__":
    main()
