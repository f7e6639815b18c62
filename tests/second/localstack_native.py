#!/usr/bin/env python3
"""LocalStack as a third emulator, for the whole pipeline: its Lambda runs the deployed function natively, without Docker.

    localstack_native.py PORT DIRECTORY

Needs Python 3.13 (`python3.13`, or pyenv's). The first run installs LocalStack from PyPI, 500 MB, beside cvault's own
emulator in the cache. Its data is in DIRECTORY. It ends when its standard input does.
"""
import glob
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time

VERSION = "4.14.0"
# Newer ones of the last four do not go with this version.
PACKAGES = [f"localstack-core[runtime]=={VERSION}", "cbor2<5.8", "cryptography==44.0.3", "pyopenssl==24.3.0", "service_identity==24.2.0"]
MISSING = "LocalStack needs Python 3.13: apt-get install python3.13 python3.13-venv (Debian 13), or pyenv install 3.13"


def home():
    cache = os.environ.get("CVAULT_CACHE_DIR")
    if not cache:
        cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "cvault")
    return os.path.join(cache, f"localstack-{VERSION}")


def base():
    """A Python of the version that LocalStack is made for."""
    pyenv = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.13*/bin/python")))
    for python in filter(None, [sys.executable, shutil.which("python3.13"), *pyenv]):
        # pyenv's shim of a version that is not chosen is there, and fails.
        said = subprocess.run([python, "-c", "import ensurepip, sys; print(sys.version_info[:2])"], capture_output=True, text=True)
        if said.stdout.strip() == "(3, 13)":
            return python
    sys.exit(MISSING)


def installed():
    """The Python that has LocalStack."""
    target = home()
    python = os.path.join(target, "bin", "python")
    complete = os.path.join(target, "complete")
    if not os.path.exists(complete):
        print(f"installing LocalStack {VERSION} in {target}", file=sys.stderr)
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run([base(), "-m", "venv", target], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
        open(complete, "w").close()
    return python


def runtime(payload, invocation, answered):
    """Lambda's runtime API for one invocation."""
    answer = {}

    class Runtime(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            if answer.get("given"):
                # The next invocation: there is none, and the function is killed.
                answered.wait()
                self.close_connection = True
                return
            answer["given"] = True
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", invocation.request_id)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 900) * 1000)))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", invocation.invoked_arn)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def do_POST(self):
            answer["payload"] = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer["is_error"] = self.path.endswith("/error")
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            answered.set()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, answer


def serve(port, directory):
    os.environ.update(
        GATEWAY_LISTEN=f"127.0.0.1:{port}",
        LOCALSTACK_VOLUME_DIR=directory,
        TMPDIR=directory,
        # No resolver of its own, and nothing asked from the internet.
        DNS_ADDRESS="0",
        SKIP_SSL_CERT_DOWNLOAD="1",
        DISABLE_EVENTS="1",
    )
    from localstack.runtime.main import main
    from localstack.services.lambda_.invocation import lambda_models as models
    from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager
    from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser

    parse = AmazonStateLanguageParser.parse

    def parse_as_aws(definition):
        # Of a Distributed Map it knows neither Express executions nor whole percentages, which AWS documents.
        known = re.sub(r'("ExecutionType"\s*:\s*)"EXPRESS"', r'\1"STANDARD"', definition)
        return parse(re.sub(r'("ToleratedFailurePercentage"\s*:\s*\d+)(?=\s*[,}])', r"\1.0", known))

    AmazonStateLanguageParser.parse = parse_as_aws

    def start(self):
        self.function_version.config.code.prepare_for_execution()
        self.state = models.VersionState(state=models.State.Active)
        return self.state

    def invoke(self, *, invocation):
        config = self.function_version.config
        answered = threading.Event()
        server, answer = runtime(invocation.payload, invocation, answered)
        name = self.function_version.id.function_name
        variables = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_REGION": self.function_version.id.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_STREAM_NAME": "native",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        }
        bootstrap = os.path.join(config.code.get_unzipped_code_location(), "bootstrap")
        function = subprocess.Popen([bootstrap], env=variables | (config.environment or {}), stdout=subprocess.DEVNULL, stderr=sys.stderr)
        ends = time.monotonic() + config.timeout
        while not answered.wait(0.05) and function.poll() is None and time.monotonic() < ends:
            pass
        function.kill()
        function.wait()
        server.shutdown()
        server.server_close()
        payload, is_error = answer.get("payload", b"null"), answer.get("is_error", True)
        return models.InvocationResult(invocation.request_id, payload, is_error, logs="", executed_version="$LATEST")

    LambdaVersionManager.start = start
    LambdaVersionManager.invoke = invoke
    main()


if __name__ == "__main__":
    _, port, directory, *here = sys.argv
    if here:
        # Whoever started it is gone, and what it has started goes with it.
        threading.Thread(target=lambda: (sys.stdin.read(), os.killpg(0, 9)), daemon=True).start()
        serve(port, directory)
    else:
        os.setpgrp()
        python = installed()
        os.execv(python, [python, "-B", os.path.abspath(__file__), port, directory, "here"])
