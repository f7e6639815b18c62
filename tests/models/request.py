"""One recorded request, read back: which operation it is, and what was sent, as the operation's input shape names it.

The service models are botocore's. A request tells its service by the scope of its signature, and its operation by
X-Amz-Target, by the field Action, or by method and address.
"""
import base64
import collections
import functools
import glob
import gzip
import json
import os
import re
import urllib.parse
import xml.etree.ElementTree as ET

import botocore

DATA = os.path.join(os.path.dirname(botocore.__file__), "data")
SIGNING = {"states": "stepfunctions", "monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}  # others: their own name
SCOPE = re.compile(r"Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
# Headers of S3 and of every SDK that no shape names.
COMMON = {"x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-user-agent", "x-amz-trailer",
          "x-amz-decoded-content-length", "x-amz-target", "x-amz-sdk-checksum-algorithm", "x-amzn-trace-id"}


class Unknown(Exception):
    """No request of AWS's that its models know."""


@functools.cache
def model(service):
    found = sorted(glob.glob(f"{DATA}/{service}/*/service-2.json.gz"))
    if not found:
        raise Unknown(f"no service {service}")
    with gzip.open(found[-1]) as file:
        return json.load(file)


# Whoever asks for credentials by a token has none to sign with.
UNSIGNED = b"Action=AssumeRoleWithWebIdentity&"


class Request:
    def __init__(self, line):
        self.method, self.target, self.whole, self.sha256 = line["method"], line["target"], line["whole"], line["sha256"]
        self.headers = {}
        for name, value in line["headers"]:
            name = name.lower()
            self.headers[name] = f"{self.headers[name]},{value}" if name in self.headers else value
        self.body = base64.b64decode(line["body"])
        if self.headers.get("content-encoding", "").startswith("aws-chunked"):
            self.body = unchunked(self.body)
        self.path, _, query = self.target.partition("?")
        self.query = collections.defaultdict(list)
        for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
            self.query[name].append(value)
        scope = SCOPE.search(self.headers.get("authorization", ""))
        if scope:
            self.access_key, self.date, self.region, self.signing = scope.groups()
        elif self.body.startswith(UNSIGNED):
            self.access_key, self.date, self.region, self.signing = "", "", "", "sts"
        else:
            raise Unknown("no signature of version 4")
        self.service = SIGNING.get(self.signing, self.signing)
        self.model = model(self.service)
        self.metadata = self.model["metadata"]
        self.protocol = self.metadata["protocol"]
        self.operation, self.uri = self.named() or self.addressed()
        self.op = self.model["operations"][self.operation]

    def named(self):
        """The operation that a header or a field names."""
        if target := self.headers.get("x-amz-target"):
            prefix, _, name = target.rpartition(".")
            if prefix != self.metadata["targetPrefix"]:
                raise Unknown(f"target {target}")
        elif self.protocol == "query":
            form = dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))
            name = form["Action"]
            if form["Version"] != self.metadata["apiVersion"]:
                raise Unknown(f"version {form['Version']}")
        else:
            return None
        if name not in self.model["operations"]:
            raise Unknown(f"no operation {name}")
        return name, {}

    def addressed(self):
        """The operation of this method and address: the one that asks for most of what is there."""
        path, best = self.path, None
        # A bucket may be in the host's name.
        virtual = re.match(r"(.+)\.s3[.-][a-z0-9.-]*amazonaws\.[a-z.]+$", self.headers.get("host", "").split(":")[0])
        if self.service == "s3" and virtual:
            path = f"/{virtual[1]}{path}"
        for name, operation in self.model["operations"].items():
            uri, _, wanted = operation["http"]["requestUri"].partition("?")
            found = match(uri, path, self.service == "s3") if operation["http"]["method"] == self.method else None
            if found is None:
                continue
            wanted = fixed(wanted)
            if any(key not in self.query or value and self.query[key] != [value] for key, value in wanted.items()):
                continue
            required = self.required(operation)
            if required <= {*self.query, *self.headers}:
                score = len(wanted), not operation.get("deprecated"), len(required), len(uri)
                best = max(best or (score, name, found), (score, name, found), key=lambda it: it[0])
        if not best:
            raise Unknown(f"no operation for {self.method} {self.target[:100]}")
        return best[1:]

    def required(self, operation):
        """Query members and headers that must be there: they tell UploadPartCopy from UploadPart."""
        shape = self.model["shapes"].get(operation.get("input", {}).get("shape"), {})
        refs = [shape["members"][member] for member in shape.get("required", [])]
        names = {ref["locationName"] for ref in refs if ref.get("location") == "querystring"}
        return names | {ref["locationName"].lower() for ref in refs if ref.get("location") == "header"}

    def parameters(self, problems):
        """What was sent, by the names of the input shape; and that shape."""
        if "input" not in self.op:
            return {}, None
        shape = self.op["input"]["shape"]
        if "x-amz-target" in self.headers:
            return (json.loads(self.body) if self.body else {}), shape
        if self.protocol == "query":
            form = dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))
            used = {"Action", "Version"}
            value = self.form(shape, "", form, used)
            problems += [f"unknown form field {name}" for name in form if name not in used]
            return value or {}, shape
        return self.rest(shape, problems), shape

    def form(self, shape, prefix, form, used):
        definition = self.model["shapes"][shape]
        kind = definition["type"]
        if kind == "structure":
            value = {}
            for name, ref in definition["members"].items():
                wire = ref.get("queryName") or ref.get("locationName") or name
                found = self.form(ref["shape"], f"{prefix}.{wire}" if prefix else wire, form, used)
                if found is not None:
                    value[name] = found
            return value if value or not prefix else None
        if kind == "list":
            item = "" if definition.get("flattened") else "." + definition["member"].get("locationName", "member")
            values = []
            while (found := self.form(definition["member"]["shape"], f"{prefix}{item}.{len(values) + 1}", form, used)) is not None:
                values.append(found)
            return values or None
        if kind == "map":
            values, names = {}, [definition[part].get("locationName", part) for part in ("key", "value")]
            while (key := f"{prefix}.entry.{len(values) + 1}.{names[0]}") in form:
                value = f"{prefix}.entry.{len(values) + 1}.{names[1]}"
                used.add(key)
                values[form[key]] = self.form(definition["value"]["shape"], value, form, used)
            return values or None
        if prefix not in form:
            return None
        used.add(prefix)
        return typed(form[prefix], kind)

    def rest(self, shape, problems):
        definition = self.model["shapes"][shape]
        value, headers = {}, set(COMMON)
        queries = {"x-id", *fixed(self.op["http"]["requestUri"].partition("?")[2])}
        for name, ref in definition["members"].items():
            place, wire = ref.get("location"), ref.get("locationName", name)
            kind = self.model["shapes"][ref["shape"]]["type"]
            if place == "uri" and wire in self.uri:
                value[name] = typed(self.uri[wire], kind)
            elif place == "querystring":
                queries.add(wire)
                if wire in self.query:
                    value[name] = self.query[wire] if kind == "list" else typed(self.query[wire][0], kind)
            elif place == "header":
                headers.add(wire.lower())
                if wire.lower() in self.headers:
                    value[name] = typed(self.headers[wire.lower()], kind)
            elif place == "headers":
                found = {h[len(wire):]: v for h, v in self.headers.items() if h.startswith(wire.lower())}
                headers |= {wire.lower() + name for name in found}
                value |= {name: found} if found else {}
        problems += [f"unknown query parameter {name}" for name in self.query if name not in queries]
        checksums = "x-amz-checksum-" if "httpChecksum" in self.op else "x-amz-?"
        others = {name for name in self.headers if name.startswith("x-amz-") and not name.startswith(checksums)}
        problems += [f"unknown header {name}" for name in sorted(others - headers)]
        return value | self.payload(definition, problems) if self.whole else value

    def payload(self, definition, problems):
        """What is in the body."""
        name = definition.get("payload")
        if not self.body:
            return {}
        if not name:
            return self.structured(self.op["input"], problems, bare=True)
        ref = definition["members"][name]
        kind = self.model["shapes"][ref["shape"]]["type"]
        return {name: self.body if kind == "blob" else self.body.decode() if kind == "string" else self.structured(ref, problems)}

    def structured(self, ref, problems, bare=False):
        if self.protocol.endswith("json"):
            value = json.loads(self.body)
            if not bare:
                return value
            members = self.model["shapes"][ref["shape"]]["members"]
            names = {ref.get("locationName", name): name for name, ref in members.items() if "location" not in ref}
            problems += [f"unknown member {name}" for name in value if name not in names]
            return {names.get(name, name): item for name, item in value.items()}
        root = ET.fromstring(self.body)
        namespace, tag = re.match(r"(?:\{(.*)\})?(.*)", root.tag).groups()
        if tag != (wanted := ref.get("locationName") or ref["shape"]):
            problems.append(f"root element {tag} instead of {wanted}")
        if (uri := (ref.get("xmlNamespace") or {}).get("uri")) and namespace != uri:
            problems.append(f"namespace {namespace} instead of {uri}")
        return self.xml(ref["shape"], root, problems, tag)

    def xml(self, shape, element, problems, path):
        definition = self.model["shapes"][shape]
        if definition["type"] == "list":
            item = definition["member"].get("locationName", "member")
            problems += [f"unknown element {path}.{tag}" for tag in map(bare_tag, element) if tag != item]
            return [self.xml(definition["member"]["shape"], child, problems, f"{path}[]") for child in element]
        if definition["type"] != "structure":
            return typed(element.text or "", definition["type"])
        children = collections.defaultdict(list)
        for child in element:
            children[bare_tag(child)].append(child)
        value, known = {}, set()
        for name, ref in definition["members"].items():
            inner = self.model["shapes"][ref["shape"]]
            flat = inner.get("flattened") or ref.get("flattened")
            wire = ref.get("locationName") or (inner["member"].get("locationName", name) if inner.get("flattened") else name)
            known.add(wire)
            if wire not in children:
                continue
            if inner["type"] == "list" and flat:
                value[name] = [self.xml(inner["member"]["shape"], child, problems, f"{path}.{wire}") for child in children[wire]]
                continue
            value[name] = self.xml(ref["shape"], children[wire][0], problems, f"{path}.{wire}")
            if len(children[wire]) > 1:
                problems.append(f"{path}.{wire} is there {len(children[wire])} times")
        problems += [f"unknown element {path}.{name}" for name in children if name not in known]
        return value


def bare_tag(element):
    return re.sub(r"\{.*\}", "", element.tag)


def fixed(query):
    """The parameters that an operation's address has."""
    return dict(part.partition("=")[::2] for part in query.split("&")) if query else {}


def unchunked(raw):
    parts = []
    while raw:
        head, _, raw = raw.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if size == 0:
            break
        parts.append(raw[:size])
        raw = raw[size + 2:]
    return b"".join(parts)


@functools.cache
def pattern(uri, slash):
    parts = re.split(r"(\{[^}]+\})", uri)
    name = lambda part: part[1:-1].rstrip("+").replace("-", "_")  # noqa: E731
    parts = [f"(?P<{name(p)}>{'.+' if p.endswith('+}') else '[^/]+'})" if p.startswith("{") else re.escape(p) for p in parts]
    return re.compile("".join(parts) + ("/?" if slash else ""), re.S)


def match(uri, path, slash):
    found = pattern(uri, slash).fullmatch(path)
    return {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()} if found else None


def typed(text, kind):
    if kind in ("integer", "long"):
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text
