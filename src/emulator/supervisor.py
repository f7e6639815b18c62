"""Runs the embedded emulator, or its installation, on behalf of cvault.

cvault holds the other end of standard input. When that closes, however cvault came to its end, or when a
signal asks for it, everything started here is ended and the directory made for it removed. The lines on
standard error are for cvault to show.

    install TARGET REQUIREMENT   builds the environment TARGET: complete, or not there at all
    serve TEMPORARY REGION       says "PORT DIRECTORY" on standard output, then serves
"""

import contextlib
import glob
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

# What the server runs. It obeys the conditions of copies, as S3 does: ministack knows those of uploads only. A call of a
# function for which there is no room fails by the name that AWS gives it, so that it is tried again as there. And where
# somebody says how many calls of functions the state machines may make at a time, they wait for one another: each is a
# process, and two thousand files at once would starve the server. What it has imported is no garbage, and what it keeps hardly
# ever: each look for some would go through all of it.
SERVER = """
import gc, os, sys, threading
from hypercorn.__main__ import main
from ministack.services import s3, stepfunctions

copy = s3._copy_object

def copy_on_condition(bucket, key, headers):
    there = s3._ensure_bucket(bucket)
    refused = there and s3._check_put_preconditions(headers, there["objects"].get(key))
    return refused or copy(bucket, key, headers)

s3._copy_object = copy_on_condition

call = stepfunctions._call_lambda

def call_as_aws(*arguments):
    try:
        return call(*arguments)
    except stepfunctions._ExecutionError as failed:
        throttled = failed.error == "Lambda.Unknown" and "'TooManyRequestsException'" in str(failed.cause).replace('"', "'")
        if throttled:
            failed.error = "Lambda.TooManyRequestsException"
        raise

stepfunctions._call_lambda = call_as_aws
most = os.environ.pop("CVAULT_CALLS_AT_ONCE", None)
if most:
    places = threading.BoundedSemaphore(int(most))

    def call_in_turn(*arguments):
        with places:
            return call_as_aws(*arguments)

    stepfunctions._call_lambda = call_in_turn
gc.freeze()
gc.set_threshold(50_000, 20, 50)
sys.exit(main(sys.argv[1:]))
"""
ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
PATIENCE = 3.0


class Watch:
    """Looks out for what asks this process to end: standard input's end, or a signal."""

    def __init__(self):
        # Signals arrive as bytes on a pipe, so that one select() sees them and standard input alike.
        self.signals, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer)
        for number in ENDING | {signal.SIGCHLD}:
            signal.signal(number, lambda *_: None)
        self.sources = [sys.stdin.fileno(), self.signals]

    def ended(self, child):
        """Waits. True if the child ended by itself, False if this process was asked to end."""
        while child.poll() is None:
            ready = select.select(self.sources, [], [])[0]
            if self.signals in ready and ENDING.intersection(os.read(self.signals, 512)):
                return False
            if sys.stdin.fileno() in ready and not self.listen():
                return False
        return True

    def listen(self):
        """Whether to go on after what standard input says."""
        said = os.read(sys.stdin.fileno(), 512)
        if said.startswith(b"keep"):
            # From here on the emulator outlives cvault and its terminal.
            self.sources.remove(sys.stdin.fileno())
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        return bool(said)


@contextlib.contextmanager
def group(command, **options):
    """A child with a process group of its own, all of which is gone afterwards."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
    try:
        yield child
    finally:
        # What does not heed the first signal cannot ignore the second.
        any(ended(child, number) for number in (signal.SIGTERM, signal.SIGKILL))


def ended(child, number):
    """Signals the child's group. True as soon as nothing of it is left, False if something stays."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        child.poll()
        with contextlib.suppress(ChildProcessError):  # The dead count as members until they are reaped.
            while os.waitpid(-child.pid, os.WNOHANG)[0]:
                pass
        try:
            os.killpg(child.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS refuses where only zombies are left.
            return True
        number = 0  # From now on only ask.
        time.sleep(0.01)
    return False


def remove(directory):
    """Removes a directory in which a process that is just dying may still write."""
    for _ in range(50):
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.lexists(directory):
            return
        time.sleep(0.05)


def install(watch, target, requirement):
    for stale in glob.glob(glob.escape(target) + ".partial-*"):
        remove(stale)
    parent, name = os.path.split(target)
    partial = tempfile.mkdtemp(prefix=name + ".partial-", dir=parent)
    python, temporary = os.path.join(partial, "bin", "python"), os.path.join(partial, "tmp")
    # The user's own pip settings hold (index, proxy, certificates), except where they would install elsewhere.
    settings = {**os.environ, "PIP_USER": "0", "TMPDIR": temporary}
    for elsewhere in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"):
        settings.pop(elsewhere, None)
    pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", requirement]
    try:
        os.mkdir(temporary)
        for command in ([sys.executable, "-I", "-m", "venv", partial], [python, "-I", *pip]):
            with group(command, env=settings, stdout=sys.stderr) as child:
                if not watch.ended(child) or child.returncode != 0:
                    return 1
        remove(temporary)
        # Moving it breaks the scripts in bin/, which name their interpreter: only bin/python is used.
        remove(target)
        os.rename(partial, target)
        return 0
    finally:
        remove(partial)


def serve(watch, temporary, region, *settings):
    directory = os.path.abspath(tempfile.mkdtemp(prefix="cvault-", dir=temporary))
    try:
        os.chdir("/")  # A kept emulator holds on to no directory but its own.
        allow_many_connections()
        log = os.path.join(directory, "log")
        output = open(log, "wb")
        # The server gets a socket that listens already: nobody can take the port in between.
        listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        port, bind = listener.getsockname()[1], f"fd://{listener.fileno()}"
        # As the supervisor itself: one readable line in ps.
        program = "import os; exec(os.environ.pop('CVAULT_SERVER'))"
        server = ["-c", program, "ministack.app:app", "--workers", "0", "--keep-alive", "75", "--bind", bind]
        with group(
            [sys.executable, "-I", *server],
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=output,
            cwd=directory,
            env=environment(directory, port, region)
            | {"CVAULT_SERVER": SERVER}
            | dict(setting.split("=", 1) for setting in settings),
        ) as child:
            output.close()
            listener.close()  # Otherwise connecting would go on working when the server is dead.
            os.write(sys.stdout.fileno(), b"%d %s\n" % (port, os.fsencode(directory)))
            died = watch.ended(child)
        with open(log, "rb") as lines:
            last = b"".join(lines.readlines()[-10:])[-4000:]
        with contextlib.suppress(BrokenPipeError):  # A kept emulator has nobody to tell.
            os.write(sys.stderr.fileno(), last)
        return 1 if died else 0
    finally:
        remove(directory)


def environment(directory, port, region):
    """All that the server sees, and with it every function it starts: nothing of the user's AWS settings."""
    for name in ("home", "tmp"):
        os.mkdir(os.path.join(directory, name))
    inherited = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {
        **{name: os.environ[name] for name in inherited if name in os.environ},
        "LANG": "C.UTF-8",
        "HOME": os.path.join(directory, "home"),
        "TMPDIR": os.path.join(directory, "tmp"),
        "S3_DATA_DIR": os.path.join(directory, "s3"),
        "STATE_DIR": os.path.join(directory, "state"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": region,
        "LOG_LEVEL": "INFO",
        # Both would open further doors: a listener on port 8883, and the user's containers.
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": f"unix://{directory}/no-docker",
        # The rest reaches the functions: ministack hands them its own environment.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def allow_many_connections():
    """As ministack's own start does, which is not used here: it can only bind a port by its number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def adopt_orphans():
    """Makes this process the parent of what its descendants leave behind, where the system can do that.

    Elsewhere the first process of the system reaps them, in its own time; in some containers never.
    """
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def main():
    watch = Watch()
    adopt_orphans()
    task, *arguments = sys.argv[1:]
    return {"install": install, "serve": serve}[task](watch, *arguments)


sys.exit(main())
