"""Signatures of version 4, computed anew by the letter of AWS's documentation."""
import hashlib
import hmac
import re
import urllib.parse


def problem(request, secret):
    """What is wrong with a request's signature by this secret; None if nothing is."""
    authorization = request.headers["authorization"]
    signed = re.search(r"SignedHeaders=([^, ]+)", authorization)[1].split(";")
    given = re.search(r"Signature=([0-9a-f]+)", authorization)[1]
    payload = request.headers.get("x-amz-content-sha256") or request.sha256
    if request.sha256 and re.fullmatch("[0-9a-f]{64}", payload) and payload != request.sha256:
        return "x-amz-content-sha256 is not the body's"
    if payload and hmac.new(key(request, secret), said(request, signed, payload), hashlib.sha256).hexdigest() != given:
        return "the signature differs"
    unsigned = {name for name in request.headers if name.startswith("x-amz-")} - {*signed, "x-amz-user-agent"}
    return f"not signed: {sorted(unsigned)}" if unsigned else None


def said(request, signed, payload):
    """The text that is signed."""
    path = request.path if request.signing == "s3" else urllib.parse.quote(request.path, safe="/~")
    query = request.target.partition("?")[2]
    encoded = lambda text: urllib.parse.quote(urllib.parse.unquote(text), safe="~-_.")  # noqa: E731
    pairs = sorted(tuple(map(encoded, part.partition("=")[::2])) for part in query.split("&") if part)
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed)
    canonical = [request.method, path or "/", "&".join(map("=".join, pairs)), headers, ";".join(signed), payload]
    scope = f"{request.date}/{request.region}/{request.signing}/aws4_request"
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    return "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest]).encode()


def key(request, secret):
    key = f"AWS4{secret}".encode()
    for part in (request.date, request.region, request.signing, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
