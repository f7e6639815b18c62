#!/usr/bin/env python3
"""moto's server as a second emulator for the laws, with what is wrong in it by AWS's own service models put right.

    moto_fixed.py PORT DIRECTORY [--without-tags]

Needs moto[server] 5.2.5. It runs no function and no state machine: only what deploys is tested with it. It keeps nothing in
DIRECTORY, and ends when its standard input does. With --without-tags it takes no notice of tags in CreateBucket (truths S30).
"""
import os
import sys
import threading
import xml.etree.ElementTree

# Read when it is imported.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import moto.awslambda.models as functions
import moto.s3.responses as buckets
import moto.server

NAMESPACE = b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
# The root elements of answers: the model has the output's own name where moto makes one of the call's.
ROOTS = {
    b"GetBucketVersioningResponse": b"VersioningConfiguration",
    b"GetBucketTaggingResponse": b"Tagging",
    b"GetBucketEncryptionResponse": b"ServerSideEncryptionConfiguration",
}


def notification(self):
    """The same, and that EventBridge is on, which moto leaves out."""
    found = self.backend.get_bucket_notification_configuration(self.bucket_name)
    inner = b"<EventBridgeConfiguration/>" if getattr(found, "event_bridge", None) is not None else b""
    body = b"<NotificationConfiguration %s>%s</NotificationConfiguration>" % (NAMESPACE, inner)
    return 200, {"Content-Type": "application/xml"}, body.decode()


def logged(self, *arguments, **named):
    """A function keeps the log group that it is given."""
    made(self, *arguments, **named)
    spec = arguments[1] if len(arguments) > 1 else named["spec"]
    self.logging_config = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{spec['FunctionName']}"} | (spec.get("LoggingConfig") or {})


def configuration(self, *arguments, **named):
    return configured(self, *arguments, **named) | {"LoggingConfig": self.logging_config}


def put_with_tags(self, request, bucket, query):
    """A bucket has the tags that it is made with."""
    answer = put(self, request, bucket, query)
    if not query and self.body:
        tags = xml.etree.ElementTree.fromstring(self.body).findall(".//{*}Tag")
        self.backend.put_bucket_tagging(bucket, {tag.findtext("{*}Key"): tag.findtext("{*}Value") for tag in tags})
    return answer


class WithRoots:
    """Renames the root elements of answers."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        said = []
        body = b"".join(self.app(environ, lambda *answer: said.append(answer)))
        fixed = body
        for wrong, right in ROOTS.items():
            fixed = fixed.replace(b"<" + wrong, b"<" + right).replace(b"</" + wrong, b"</" + right)
        status, headers, *error = said[0]
        if fixed != body:
            headers = [(name, str(len(fixed)) if name.lower() == "content-length" else value) for name, value in headers]
        start_response(status, headers, *error)
        return [fixed]


made, configured = functions.LambdaFunction.__init__, functions.LambdaFunction.get_configuration
functions.LambdaFunction.__init__, functions.LambdaFunction.get_configuration = logged, configuration
buckets.S3Response.get_bucket_notification = notification
put = buckets.S3Response._bucket_response_put
if "--without-tags" not in sys.argv:
    buckets.S3Response._bucket_response_put = put_with_tags
serve = moto.server.run_simple
moto.server.run_simple = lambda host, port, app, **options: serve(host, port, WithRoots(app), **options)

if __name__ == "__main__":
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    moto.server.main(["-H", "127.0.0.1", "-p", sys.argv[1]])
