#!/usr/bin/env python3
"""Checks requests that the strict proxy has recorded (--record) against AWS's own service models.

    validate.py [--least OPERATIONS] FOLDER

Of each request: is there such an operation, and is everything in it what the operation's input shape takes; is its
signature right, where the secret is the tests' own. Exit code 1 if anything is wrong, or if there were fewer
different operations than expected. Needs botocore, which the emulator's own environment has.
"""
import argparse
import collections
import glob
import json
import sys
import xml.etree.ElementTree as ET

import botocore
import shapes
import signature
from request import Request, Unknown

SECRET = "test"


def problems(line):
    """The operation of a recorded request, and what is wrong with it."""
    try:
        request = Request(line)
    except Unknown as error:
        return "?", [f"{error}: {line['method']} {line['target'][:100]}"]
    found = []
    if request.op.get("deprecated"):
        found.append("the operation is deprecated")
    try:
        parameters, shape = request.parameters(found)
        if shape and request.whole:
            shapes.check(request.model, shape, parameters, request.operation, found)
        if shape and request.whole and not found:
            shapes.documents(request.operation, parameters, found)
    except (ValueError, KeyError, ET.ParseError) as error:
        found.append(f"cannot be read: {error!r}")
    # Users that a test makes have secrets of their own.
    if request.access_key == "test" or request.access_key.isdigit():
        found += filter(None, [signature.problem(request, SECRET)])
    return f"{request.service}:{request.operation}", found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--least", type=int, default=1)
    parser.add_argument("folder")
    options = parser.parse_args()
    operations, found = collections.Counter(), collections.Counter()
    for log in sorted(glob.glob(f"{options.folder}/*.jsonl")):
        with open(log, encoding="utf-8") as file:
            for line in file:
                # The end of a proxy may have cut its last line.
                if line.endswith("\n"):
                    operation, wrong = problems(json.loads(line))
                    operations[operation] += 1
                    found.update(f"{operation}: {problem}" for problem in wrong)
    print(f"{operations.total()} different requests of {len(operations)} operations; botocore {botocore.__version__}")
    for problem, count in found.most_common():
        print(f"{count:6} {problem}")
    sys.exit(1 if found or len(operations) < options.least else 0)


if __name__ == "__main__":
    main()
