"""What the client tests share: steps with names, dig, and an endpoint whose health can be switched."""

import collections
import http.server
import os
import subprocess
import sys
import threading
import time
import traceback

DNS_HOST, DNS_PORT = os.environ["CUTOVER_DNS"].rsplit(":", 1)

_steps = []


def step(function):
    """Marks a step; steps run in the order in which they stand in the file."""
    _steps.append(function)
    return function


def run():
    """Runs all steps; each may use what the ones before left behind, so the first failure ends it."""
    for function in _steps:
        name = function.__name__.replace("_", " ")
        try:
            function()
        except BaseException:
            traceback.print_exc(file=sys.stdout)
            sys.exit(f"FAILED {name}")
        print(f"ok {name}", flush=True)


def expect(actual, expected):
    assert actual == expected, f"\nexpected {expected!r}\nactual   {actual!r}"


def dig(name, record_type="A", *options):
    """The values that dig prints, sorted."""
    command = ["dig", f"@{DNS_HOST}", "-p", DNS_PORT, "+short", "+tries=3", "+timeout=2", *options, name, record_type]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(line for line in done.stdout.splitlines() if not line.startswith(";"))


def dig_header(name, record_type="A"):
    """The status and flags that dig prints."""
    command = ["dig", f"@{DNS_HOST}", "-p", DNS_PORT, "+tries=3", "+timeout=2", name, record_type]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    status = out.split("status: ")[1].split(",")[0]
    return status, out.split("flags: ")[1].split(";")[0].split()


def dig_many(names, record_type="A"):
    """How often each answer comes, over many questions in one dig."""
    command = ["dig", f"@{DNS_HOST}", "-p", DNS_PORT, "+tries=3", "+timeout=2"]
    for name in names:
        command += [name, record_type, "+short"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return collections.Counter(done.stdout.split())


def eventually(condition, what, seconds=60):
    """Waits for something that takes a moment; returns what the condition returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.2)


class Endpoint:
    """An HTTP server on loopback that answers 200 while healthy and 500 otherwise."""

    def __init__(self):
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if endpoint.healthy else 500)
                self.send_header("Content-Length", "3")
                self.end_headers()
                self.wfile.write(b"OK\n")

            def log_message(self, *_):
                pass

        self.healthy = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
