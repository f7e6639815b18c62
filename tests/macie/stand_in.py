#!/usr/bin/env python3
"""A stand-in for Amazon Macie, since no emulator has its jobs: its REST routes on a loopback address.

    AWS_ENDPOINT_URL_MACIE2=http://127.0.0.1:PORT  ->  stand_in.py  ->  objects in the emulator

    stand_in.py [--listen PORT] [--emulator URL] [--record FILE] [--lifeline]

It prints its port, and serves as many accounts and regions as ask for it, each with a Macie of its own: as with
ministack, an access key of twelve digits is the account. Macie is off in each until it is enabled.

What it does as Macie does (botocore's macie2 model and Macie's user guide; what they leave open, the stricter way):
jobs read the objects in their scope from the emulator, the current version of each, whatever else begins with the
same prefix included; findings come of what is in them. An object of an unsupported format or storage class, or whose
key does not let Macie's role decrypt, is skipped without a finding and without any mark on the job, which is COMPLETE
all the same; where the account exports discovery results, those tell. Jobs can be cancelled, never deleted.
CreateClassificationJob has its rate.

What it does not: bucket criteria, tag conditions, allow lists, policy findings, schedules, automated discovery,
organisations, sampling; of the managed identifiers only those in detectors.py; text inside Avro and Parquet only
where it lies there plain.

ADDRESSES OF ITS OWN, without a signature; `?region=` where it is not eu-west-1
  POST /__macie__/emulator             {"endpoint": URL}, if it was not there at the start
  POST /__macie__/ACCOUNT/call         {"operation", "params"}: an operation, as if the account had called it
  POST /__macie__/ACCOUNT/settings     see SETTINGS in account.py
  POST /__macie__/ACCOUNT/script       a rule, see script.py
  POST /__macie__/ACCOUNT/release      {"bucket", "key"}: jobs that a rule holds go on and complete
  GET  /__macie__/ACCOUNT/calls        every call so far: operation, status, error, and the job's name
  GET  /__macie__/ACCOUNT/jobs         every job as DescribeClassificationJob shows it
"""
import argparse
import contextlib
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import account
import findings
import identifiers
import jobs
from wire import Call, Lost, Refused

sys.path.append(str(Path(__file__).resolve().parent.parent / "strict_aws"))
from strict_record import Recorder

OPERATIONS = account.OPERATIONS | identifiers.OPERATIONS | jobs.OPERATIONS | findings.OPERATIONS


class Accounts:
    """All accounts, made when they are first asked for."""

    def __init__(self, endpoint):
        self.world, self.known, self.lock = {"endpoint": endpoint}, {}, threading.Lock()

    def of(self, name, region):
        with self.lock:
            return self.known.setdefault((name, region), account.Account(name, region, self.world))


def serve(one, operation, params):
    """Performs an operation, as the script has it, and writes it down."""
    with one.changed:
        seen = {"operation": operation, "status": 200, "error": None, "name": params.get("name")}
        one.script.calls.append(seen)
        try:
            if one.session is None and operation != "EnableMacie":
                raise Refused("AccessDeniedException", "Macie is not enabled")
            if operation == "CreateClassificationJob":
                one.throttle()
            about = lambda: jobs.about(one, operation, params)
            return one.script.interfere(operation, about, lambda: OPERATIONS[operation](one, params))
        except Refused as refused:
            seen |= {"status": refused.status, "error": refused.code}
            raise
        except Lost:
            seen |= {"status": None}
            raise


def control(accounts, path, query, params):
    """An address of the stand-in's own."""
    names = path.strip("/").split("/")[1:]
    if names == ["emulator"]:
        return accounts.world.update(params) or {}
    name, what = names
    one = accounts.of(name, query.get("region", ["eu-west-1"])[0])
    if what == "call":
        return serve(one, params["operation"], params.get("params") or {})
    with one.changed:
        if what == "settings":
            if unknown := set(params) - set(account.SETTINGS):
                raise ValueError(f"no such setting: {sorted(unknown)}")
            one.settings |= params
            one.tokens_left = None
            return one.settings
        if what == "script":
            return one.script.add(params) or {}
        if what == "release":
            return {"released": jobs.release(one, params)}
        if what == "calls":
            return {"calls": one.script.calls}
        if what == "jobs":
            return {"jobs": [jobs.describe(one, {"jobId": identity}) for identity in one.jobs]}
    raise ValueError(f"no such address: {path}")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    accounts = recorder = None
    recording = threading.Lock()

    def handle_one_request(self):
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()
            return
        self.close_connection = True

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        try:
            if parts.path.startswith("/__macie__/"):
                said = control(self.accounts, parts.path, parse_qs(parts.query), json.loads(body or "{}"))
            else:
                if self.recorder:
                    with self.recording:
                        self.recorder.note(self.command, self.path, list(self.headers.items()), body, True)
                call = Call(self.command, self.path, self.headers, body)
                said = serve(self.accounts.of(call.account, call.region), call.operation, call.params)
            self.say(200, said)
        except Refused as refused:
            self.say(refused.status, {"message": refused.message}, refused.code)
        except Lost:
            self.close_connection = True
        except (KeyError, TypeError, ValueError) as error:
            # A request that the stand-in cannot read: the test, or the product, is wrong. Never retried.
            self.say(400, {"message": f"{type(error).__name__}: {error}"}, "ValidationException")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def say(self, status, said, error=None):
        text = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("x-amzn-RequestId", str(uuid4()))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        # With the head in one piece: two would wait for one another (Nagle's algorithm, delayed acknowledgement).
        self._headers_buffer.append(b"\r\n" + text)
        self.flush_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """Many clients may connect at once."""

    request_queue_size = 128
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", type=int, default=0, metavar="PORT", help="0 (default): a free port")
    parser.add_argument("--emulator", metavar="URL", help="where the objects are")
    parser.add_argument("--record", metavar="FILE", help="each different request, as the strict proxy writes it, for tests/models/validate.py")
    parser.add_argument("--lifeline", action="store_true", help="end when standard input does: whoever started it is gone then")
    options = parser.parse_args()
    Handler.accounts = Accounts(options.emulator)
    Handler.recorder = Recorder(options.record) if options.record else None
    server = Server(("127.0.0.1", options.listen), Handler)
    print(server.server_port, flush=True)
    if not options.lifeline:
        server.serve_forever()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while os.read(sys.stdin.fileno(), 4096):
        pass


if __name__ == "__main__":
    main()
