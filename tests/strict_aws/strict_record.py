"""Writes each different request down, one JSON line each, for tests/models/validate.py: what is asked again and again
differs by its time and signature alone."""
import base64
import hashlib
import json
import re

# What is in a package says nothing about the request that carries it.
PACKAGE = re.compile(rb'("ZipFile"\s*:\s*"[A-Za-z0-9+/=]{64})[^"]*')


class Recorder:
    def __init__(self, path):
        self.file, self.seen = open(path, "a", buffering=1), set()

    def note(self, method, target, heads, body, whole):
        """A request as it came; of one whose body is passed on unseen (`whole` is false) all but that."""
        sha256 = hashlib.sha256(body).hexdigest() if whole else None
        copied = [value for name, value in heads if name.lower() in ("x-amz-copy-source", "x-amz-tagging", "x-amz-target")]
        if target.startswith("/__strict__/") or (what := (method, target, sha256, *copied)) in self.seen:
            return
        self.seen.add(what)
        body = base64.b64encode(PACKAGE.sub(rb"\1", body)).decode()
        self.file.write(json.dumps({"method": method, "target": target, "headers": heads, "whole": whole, "sha256": sha256, "body": body}) + "\n")
