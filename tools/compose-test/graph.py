"""What the stories need of a client: the graph over HTTP, and a subscription over WebSocket, with nothing but Python."""

import base64
import json
import os
import socket
import struct
import time
import urllib.error
import urllib.request

PATIENCE = 60


class Refused(Exception):
    """The graph said no, or nobody answered."""


def fetch(url, data=None, headers=None, method=None):
    """(status, body, headers); an answer of 4xx or 5xx is an answer."""
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


class Person:
    """Somebody at a client."""

    def __init__(self, url, name):
        self.url, self.token = url, None
        self.email = f"{name.lower()}-{os.urandom(4).hex()}@example.test"
        given = {"email": self.email, "password": "correct horse battery", "name": name, "locale": "en", "timezone": "Europe/Vienna"}
        made = self.asks("mutation($input: RegisterInput!) { register(input: $input) { accessToken } }", input=given)
        self.token = made["register"]["accessToken"]

    def asks(self, query, **variables):
        headers = {"content-type": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        body = json.dumps({"query": query, "variables": variables}).encode()
        status, answer, _ = fetch(f"{self.url}/graphql", body, headers)
        try:
            answer = json.loads(answer)
        except ValueError:
            raise Refused(f"{status} {answer[:200]!r}") from None
        if answer.get("errors"):
            raise Refused(f"{status} {json.dumps(answer['errors'])[:500]}")
        return answer["data"]


def eventually(what, look):
    """Looks again and again until there is something to see."""
    patience, last = time.monotonic() + PATIENCE, None
    while time.monotonic() < patience:
        try:
            seen = look()
            if seen:
                return seen
        except (Refused, OSError) as error:
            last = error
        time.sleep(0.2)
    raise SystemExit(f"{what}: not within {PATIENCE} s ({last})")


class Live:
    """A subscription over WebSocket, in the protocol graphql-transport-ws."""

    def __init__(self, url, query, token=None):
        host, _, port = url.split("//")[1].partition(":")
        self.socket = socket.create_connection((host, int(port or 80)), timeout=PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        self.read = self.socket.makefile("rb")
        status = self.read.readline()
        assert b" 101 " in status, status
        while self.read.readline().strip():
            pass
        self.say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"} if token else {}})
        assert self.hear()["type"] == "connection_ack"
        self.say({"id": "1", "type": "subscribe", "payload": {"query": query}})

    def say(self, message):
        text, mask = json.dumps(message).encode(), os.urandom(4)
        length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + struct.pack(">H", len(text))
        self.socket.sendall(b"\x81" + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(text)))

    def hear(self):
        while True:
            first, length = self.read.read(2)
            length &= 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", self.read.read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self.read.read(8))
            body = self.read.read(length)
            if first & 0x0F == 1:
                message = json.loads(body)
                if message["type"] == "ping":
                    self.say({"type": "pong"})
                    continue
                return message
            if first & 0x0F == 8:
                raise Refused("the socket was closed")

    def next(self):
        message = self.hear()
        if message["type"] != "next" or message["payload"].get("errors"):
            raise Refused(json.dumps(message)[:300])
        return message["payload"]["data"]
