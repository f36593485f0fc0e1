"""A buyer's evening in Python, by gql: every operation is checked against the public schema before it is sent.

    PYTHONPATH=<gql> python3 buyer.py <the platform's address>

Finds a play, holds a seat, sees refusals, checks out, pays, follows the order over a WebSocket, reads the ticket.
"""

import asyncio
import pathlib
import sys
import uuid
from contextlib import aclosing, asynccontextmanager
from enum import Enum

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from gql.utilities import update_schema_enum
from graphql import build_schema, parse, print_ast
from graphql.utilities import separate_operations

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "odysseus-demo"
# In seconds: for all of it.
LONGEST = 60

SCHEMA = build_schema((HERE.parents[2] / "schema.graphql").read_text())
OPERATIONS = separate_operations(parse((HERE.parent / "operations.graphql").read_text()))


def enum_of_schema(name):
    """An enum of the schema as one of Python, which answers are then made of."""
    members = Enum(name, {value: value for value in SCHEMA.type_map[name].values})
    update_schema_enum(SCHEMA, name, members, use_enum_values=False)
    return members


DETAILS = SCHEMA.type_map["ErrorExtensions"].fields
ErrorCode, EventStatus, OrderStatus, OrderStepKind, PaymentStatus = map(
    enum_of_schema, ["ErrorCode", "EventStatus", "OrderStatus", "OrderStepKind", "PaymentStatus"]
)
ReservationStatus, SaleStatus, SeatStatus, TicketStatus = map(
    enum_of_schema, ["ReservationStatus", "SaleStatus", "SeatStatus", "TicketStatus"]
)


class Refused(Exception):
    """The graph said no: with a code of its closed list, and what the schema's ErrorExtensions name."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.extensions = error["extensions"]
        self.code = ErrorCode(self.extensions["code"])
        holds(self.extensions.keys() <= DETAILS.keys(), f"not all of these are ErrorExtensions: {self.extensions}")


class Graph:
    """The graph, as somebody sees it."""

    def __init__(self, url, token=None):
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def ask(self, operation, **variables):
        """One answer, whole; what was refused is raised."""
        transport = HTTPXAsyncTransport(f"{self.url}/graphql", headers=self.headers)
        async with Client(transport=transport, schema=SCHEMA, parse_results=True) as session:
            try:
                return await session.execute(request(operation, variables))
            except TransportQueryError as refusal:
                raise Refused(refusal.errors[0]) from refusal

    @asynccontextmanager
    async def follow(self, operation, **variables):
        """What a subscription brings over a WebSocket."""
        address = f"{self.url.replace('http', 'ws', 1)}/graphql"
        # By itself gql offers an older protocol too, and takes it unless the answer spells the header's name in capitals.
        protocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
        transport = WebsocketsTransport(address, init_payload=self.headers, subprotocols=protocols)
        async with Client(transport=transport, schema=SCHEMA, parse_results=True) as session:
            async with aclosing(session.subscribe(request(operation, variables))) as frames:
                yield frames


def request(operation, variables):
    return GraphQLRequest(print_ast(OPERATIONS[operation]), variable_values=variables, operation_name=operation)


async def buy(url):
    graph = await logged_in(url, "buyer@odysseus.test")
    done("logs in")

    event = (await graph.ask("FindEvents", query="Ghost Light"))["events"]["nodes"][0]
    equal(event["title"], "Ghost Light")
    equal(event["status"], EventStatus.PUBLISHED)
    equal(event["saleStatus"], SaleStatus.ON_SALE)
    done("finds an event")

    seat_map = (await graph.ask("ReadSeats", event=event["id"], section="STALLS"))["event"]["seatMap"]
    seats = seat_map["sections"][0]["seats"]
    seat = next(seat["id"] for seat in seats if seat["status"] is SeatStatus.AVAILABLE)
    wish = {"eventId": event["id"], "seats": [{"seatId": seat}]}
    held = (await graph.ask("Hold", input=wish | {"idempotencyKey": key()}))["holdSeats"]
    equal(held["status"], ReservationStatus.ACTIVE)
    equal([item["seat"]["id"] for item in held["items"]], [seat])
    done("holds a seat")

    other = await logged_in(url, "buyer2@odysseus.test")
    refusal = await refused(other.ask("Hold", input=wish | {"idempotencyKey": key()}))
    equal(refusal.code, ErrorCode.SEATS_UNAVAILABLE)
    equal(refusal.extensions["seatIds"], [seat])
    equal((await refused(Graph(url).ask("Hold", input=wish | {"idempotencyKey": key()}))).code, ErrorCode.UNAUTHENTICATED)
    done("sees refusals as typed errors")

    attendees = [{"name": "Bea Lindgren", "email": "buyer@odysseus.test"}]
    wish = {"reservationId": held["id"], "attendees": attendees, "idempotencyKey": key()}
    order = (await graph.ask("CheckOut", input=wish))["checkout"]
    equal(order["status"], OrderStatus.AWAITING_PAYMENT)
    done("checks out")

    async with graph.follow("FollowOrder", order=order["id"]) as frames:
        equal((await anext(frames))["orderChanged"]["status"], OrderStatus.AWAITING_PAYMENT)
        wish = {"orderId": order["id"], "paymentMethod": "pm_card_visa", "idempotencyKey": key()}
        payment = (await graph.ask("Pay", input=wish))["pay"]
        holds(payment["status"] in (PaymentStatus.SUCCEEDED, PaymentStatus.PENDING), payment)
        equal(payment["amount"], held["total"]["total"])
        done("pays")
        async for frame in frames:
            status = frame["orderChanged"]["status"]
            if status is OrderStatus.COMPLETED:
                break
            holds(status in (OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID), status)
        else:
            sys.exit("the subscription ended before the order was complete")
    done("follows the order")

    bought = (await graph.ask("ReadOrder", order=order["id"]))["order"]
    equal(bought["status"], OrderStatus.COMPLETED)
    equal(bought["number"], order["number"])
    steps = [step["kind"] for step in bought["history"]]
    equal(steps[:4], [OrderStepKind[name] for name in ("PLACED", "SEATS_SECURED", "PAID", "TICKETS_ISSUED")])
    [ticket] = bought["tickets"]
    equal(ticket["status"], TicketStatus.VALID)
    equal(ticket["seat"]["id"], seat)
    equal(ticket["holderName"], "Bea Lindgren")
    holds(ticket["qrPayload"] and ticket["code"], ticket)
    done("reads the ticket")


async def logged_in(url, email):
    login = (await Graph(url).ask("LogIn", email=email, password=PASSWORD))["login"]
    equal(login["user"]["email"], email)
    return Graph(url, login["accessToken"])


async def refused(answer):
    try:
        got = await answer
    except Refused as refusal:
        return refusal
    sys.exit(f"it should have been refused: {got}")


def key():
    return str(uuid.uuid4())


def equal(got, wanted):
    holds(got == wanted, f"{got!r} instead of {wanted!r}")


def holds(true, said):
    if not true:
        raise AssertionError(said)


def done(what):
    print(f"ok      {what}", flush=True)


if __name__ == "__main__":
    print("── Python, by gql", flush=True)
    asyncio.run(asyncio.wait_for(buy(sys.argv[1]), LONGEST))
