"""What Macie can read in an object: formats by their content, archives by their members, and limits by type.

An object becomes segments: a piece of text with the names it stands under (a column, the path to a field) and
its place. What cannot be read has a reason instead, in Macie's own words (ClassificationResultStatus).
"""
import csv
import gzip
import io
import json
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field

from encryption import unreadable

GIB = 1 << 30
# Macie's documented quotas: the largest object of each type, and how deep archives may nest.
LARGEST = {"text": 20 * GIB, "pdf": GIB, "office": GIB // 2, "avro": 8 * GIB, "parquet": 8 * GIB, "gzip": 8 * GIB, "zip": 8 * GIB, "tar": 20 * GIB}
LEVELS = 10
CLASSES = {"STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY", "GLACIER_IR"}
MIME = {
    "text": "text/plain",
    "pdf": "application/pdf",
    "office": "application/vnd.openxmlformats-officedocument",
    "avro": "application/avro",
    "parquet": "application/x-parquet",
    "gzip": "application/gzip",
    "zip": "application/zip",
    "tar": "application/x-tar",
}


@dataclass
class Segment:
    """A piece of text, the names that it stands under, and where it is."""

    text: str
    names: str = ""
    place: tuple = ("lineRanges",)


@dataclass
class Content:
    """What came of reading an object."""

    kind: str = ""
    segments: list = field(default_factory=list)
    status: str = "COMPLETE"
    reason: str | None = None

    @property
    def mime(self):
        return MIME.get(self.kind, "application/octet-stream")


def skipped(reason, kind=""):
    return Content(kind, [], "SKIPPED", reason)


def judge(item, emulator):
    """Reads an object as Macie does, and does not even fetch one of an unsupported class. None: there is nothing in it."""
    if item.storage_class not in CLASSES:
        return skipped("INVALID_OBJECT_STATE")
    body = emulator.get(item)
    if not body:
        return None
    if reason := unreadable(emulator, item.kms_key):
        return skipped(reason)
    kind = sniff(body)
    if kind is None:
        return skipped("UNSUPPORTED_FILE_TYPE_EXCEPTION")
    if item.size > LARGEST[kind]:
        return skipped("ARCHIVE_EXCEEDS_SIZE_LIMIT" if kind in ("gzip", "zip", "tar") else "FILE_EXCEEDS_SIZE_LIMIT", kind)
    return read(kind, item.key, body, 0)


def sniff(body):
    """The type of the content. Text is what decodes and has no NUL; what is nothing known is not supported."""
    if body[:4] == b"PK\3\4":
        return "office" if b"[Content_Types].xml" in body[:200_000] else "zip"
    for magic, kind in ((b"%PDF-", "pdf"), (b"\x1f\x8b", "gzip"), (b"PAR1", "parquet"), (b"Obj\1", "avro")):
        if body.startswith(magic):
            return kind
    if body[257:262] == b"ustar":
        return "tar"
    return "text" if decoded(body) is not None else None


def decoded(body):
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def read(kind, name, body, level):
    try:
        if kind in ("gzip", "zip", "tar"):
            return archive(kind, name, body, level)
        return Content(kind, segments(kind, name, body))
    except (OSError, EOFError, ValueError, KeyError, zlib.error, tarfile.TarError, zipfile.BadZipFile, RuntimeError):
        return skipped("MALFORMED_FILE", kind)


def archive(kind, name, body, level):
    """An archive's members: those that cannot be read make the whole PARTIAL."""
    if level == LEVELS:
        return skipped("ARCHIVE_NESTING_LEVEL_OVER_LIMIT", kind)
    content, unread = Content(kind), 0
    for member, data in members(kind, name, body):
        inner = sniff(data)
        read_member = read(inner, member, data, level + 1) if inner else skipped("UNSUPPORTED_FILE_TYPE_EXCEPTION")
        content.segments += [Segment(part.text, part.names) for part in read_member.segments]
        unread += read_member.status != "COMPLETE"
    if unread:
        content.status, content.reason = "PARTIAL", "ARCHIVE_CONTAINS_UNPROCESSED_FILES"
    return content


def members(kind, name, body):
    if kind == "gzip":
        yield re.sub(r"\.(gz|gzip)$", "", name), gzip.decompress(body)
    elif kind == "zip":
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            yield from ((info.filename, files.read(info)) for info in files.infolist() if not info.is_dir())
    else:
        with tarfile.open(fileobj=io.BytesIO(body)) as files:
            yield from ((info.name, files.extractfile(info).read()) for info in files if info.isfile())


def segments(kind, name, body):
    if kind == "office":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            texts = (parts.read(part).decode("utf-8", "replace") for part in parts.namelist() if part.endswith(".xml"))
            return [Segment(re.sub(r"<[^>]*>", " ", text)) for text in texts]
    if kind == "pdf":
        streams = re.findall(rb"stream\r?\n(.*?)endstream", body, re.S)
        shown = re.findall(rb"\(((?:[^()\\]|\\.)*)\)", b" ".join(inflated(stream) for stream in streams))
        return [Segment(b" ".join(shown).decode("latin-1"), place=("pages",))]
    if kind in ("avro", "parquet"):
        # No reader of either in the standard library: what lies there plain is seen.
        return [Segment(run.decode("latin-1"), place=("records",)) for run in re.findall(rb"[ -~]{4,}", body)]
    return lines(name, decoded(body))


def inflated(stream):
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return stream


def lines(name, text):
    """Text by what its name says: rows with columns, fields with paths, or as it stands."""
    extension = name.rsplit(".", 1)[-1].lower()
    if extension in ("csv", "tsv"):
        rows = list(csv.reader(io.StringIO(text, newline=""), "excel-tab" if extension == "tsv" else "excel"))
        header = rows[0] if rows else []
        return [
            Segment(cell, header[at] if at < len(header) else "", ("cells", number, at + 1))
            for number, row in enumerate(rows, 1)
            for at, cell in enumerate(row)
        ]
    if extension in ("json", "ndjson", "jsonl"):
        values = [text] if extension == "json" else [line for line in text.splitlines() if line.strip()]
        return [part for index, value in enumerate(values) for part in fields(json.loads(value), "$", index)]
    return [Segment(text)]


def fields(value, path, index):
    if isinstance(value, dict):
        return [part for name, inner in value.items() for part in fields(inner, f"{path}.{name}", index)]
    if isinstance(value, list):
        return [part for at, inner in enumerate(value) for part in fields(inner, f"{path}[{at}]", index)]
    return [Segment(str(value), path, ("records", index, path))]
