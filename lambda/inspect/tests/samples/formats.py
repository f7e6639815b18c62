"""Makes the files in formats/ and their expected.json: `python3 formats.py` in this folder.

Needs pyarrow, fastavro, cramjam, backports.zstd, openpyxl, xlsxwriter, python-docx, reportlab, fpdf2,
pikepdf, pandas and fastparquet.
Every value is invented. Files are only written anew where they are missing, since most producers
stamp the time; remove a file to have it made again.
"""

import bz2, gzip, hashlib, io, json, pathlib, random, struct, tarfile, zipfile, zlib

HERE = pathlib.Path(__file__).parent / "formats"
CARD = "4000004427083831"
TABLE = b"id,credit_card\n1,4000004427083831\n2,4000000953693159\n"
PLAIN = b"id,city\n1,Saltmere\n2,Eastvale\n"
RAGGED = b"id,city\n1,Saltmere\n2\n3,Eastvale\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"
cases = []


def case(file, make, reason="ok", why="", **counts):
    """One file; `cards` and `births` are how many there are."""
    path = HERE / file
    if not path.exists():
        path.write_bytes(make() if callable(make) else make)
    data = path.read_bytes()
    names = {"cards": "CREDIT_CARD_NUMBER", "births": "DATE_OF_BIRTH"}
    cards = {name: counts[key] for key, name in names.items() if counts.get(key)}
    cases.append({
        "file": file, "valid": reason == "ok", "reason": reason, "why": why,
        "sensitive": bool(cards), "counts": cards, "at": counts.get("at"),
        "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
    })


def gz(data, name=None, extra=False):
    out = io.BytesIO()
    with gzip.GzipFile(filename=name or "", mode="wb", fileobj=out, mtime=0) as file:
        file.write(data)
    return out.getvalue()


def tar(members, format=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as file:
        for name, data in members:
            info = tarfile.TarInfo(name)
            if data is None:
                info.type = tarfile.DIRTYPE
                file.addfile(info)
            else:
                info.size = len(data)
                file.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(members, method=zipfile.ZIP_DEFLATED, stream=False, force64=False, comment=b""):
    class Pipe(io.RawIOBase):
        def __init__(self): self.data = bytearray()
        def writable(self): return True
        def write(self, data): self.data += data; return len(data)
    out = Pipe() if stream else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with file.open(info, "w", force_zip64=force64) as member:
                member.write(data)
        file.comment = comment
    return bytes(out.data) if stream else out.getvalue()


def flip(data, at, mask=0x10):
    data = bytearray(data)
    data[at] ^= mask
    return bytes(data)


def nested(levels, wrap):
    data = PLAIN
    for level in range(levels):
        data = wrap(data, level)
    return data


def archives():
    case("card.csv.gz", gz(TABLE), cards=2, at="row 2, column 2 (credit_card)")
    case("named.csv.gz", gz(TABLE, "other.bin"), why="the name in the header does not count", cards=2)
    case("several.csv.gz", gz(TABLE[:23]) + gz(TABLE[23:]), why="members in a row are one stream", cards=2)
    case("fields.csv.gz", b"\x1f\x8b\x08\x1e\0\0\0\0\0\3\4\0abcdname\0note\0" + struct.pack(
        "<H", zlib.crc32(b"\x1f\x8b\x08\x1e\0\0\0\0\0\3\4\0abcdname\0note\0") & 0xffff) + gz(PLAIN)[10:])
    case("nothing.csv.gz", gz(b""), "empty")
    case("ragged.csv.gz", gz(RAGGED), "ragged")
    case("png.csv.gz", gz(PNG), "mismatch")
    case("picture.png.gz", gz(PNG), "unsupported")
    case("checksum.csv.gz", flip(gz(PLAIN), -6), "checksum")
    case("length.csv.gz", flip(gz(PLAIN), -2), "checksum")
    case("behind.csv.gz", gz(PLAIN) + b"x", "trailing")
    case("zeros.csv.gz", gz(PLAIN) + b"\0" * 8, "trailing")
    case("cut.csv.gz", gz(PLAIN)[:-3], "truncated")
    case("flipped.csv.gz", flip(gz(TABLE), 14), "checksum")
    case("ten.gz", nested(10, lambda data, _: gz(data)), why="ten levels are allowed")
    case("eleven.gz", nested(11, lambda data, _: gz(data)), "bomb")

    both = [("a/", None), ("a/plain.csv", PLAIN), ("a/card.csv", TABLE)]
    for name, format in ("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT):
        long = [] if name == "ustar" else [("d/" * 80 + "ü.csv", PLAIN)]
        case(f"{name}.tar", tar(both + long, format), cards=2, at="a/card.csv: row 2, column 2 (credit_card)")
    case("card.tgz", gz(tar(both)), cards=2)
    case("png.tar", tar([("harbour.csv", PNG)]), "mismatch")
    case("ragged.tar", tar([("a.csv", RAGGED)]), "ragged")
    case("blank.tar", tar([("a.csv", b"")]), "empty")
    case("none.tar", tar([("a/", None)]), "empty")
    case("cut.tar", tar(both)[:2000], "truncated")
    case("endless.tar", tar(both)[:512 * 6], "truncated", "the two blocks of zeros are missing")
    case("behind.tar", tar(both) + b"x" * 512, "trailing")
    case("checksum.tar", flip(tar(both), 3), "checksum")
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "a/plain.csv"
    data = tar(both)
    case("link.tar", link.tobuf() + data, cards=2)
    link.type = tarfile.FIFOTYPE
    case("fifo.tar", link.tobuf() + data, "unsupported")

    two = [("plain.csv", PLAIN), ("ä/card.csv", TABLE)]
    at = "ä/card.csv: row 2, column 2 (credit_card)"
    case("stored.zip", zipped(two, zipfile.ZIP_STORED), cards=2, at=at)
    case("deflated.zip", zipped(two + [("d/", b"")]), cards=2, at=at)
    case("streamed.zip", zipped(two, stream=True), why="sizes behind the members", cards=2, at=at)
    case("streamed_stored.zip", zipped(two, zipfile.ZIP_STORED, stream=True), cards=2, at=at)
    case("zip64.zip", zipped(two, force64=True), cards=2, at=at)
    case("streamed64.zip", zipped(two, stream=True, force64=True), cards=2, at=at)
    case("comment.zip", zipped(two, comment=b"tides"), cards=2, at=at)
    case("remark.zip", zipped(two[:1], comment=b"card " + CARD.encode()), cards=1, at="comment")
    case("in.zip", zipped([("b/two.zip", zipped(two)), ("c.tgz", gz(tar(two)))]), cards=4,
         at="ä/card.csv in b/two.zip: row 2, column 2 (credit_card)")
    case("in.tar", tar([("b/two.zip", zipped(two))]), cards=2)
    case("png.zip", zipped([("harbour.csv", PNG)]), "mismatch")
    case("photo.zip", zipped([("harbour.png", PNG)]), "unsupported")
    case("ragged.zip", zipped(two + [("a/b.csv", RAGGED)]), "ragged")
    case("blank.zip", zipped([("a.csv", b"")]), "empty")
    case("none.zip", zipped([]), "empty")
    case("bzip2.zip", zipped(two, zipfile.ZIP_BZIP2), cards=2, at=at)
    case("lzma.zip", zipped(two, zipfile.ZIP_LZMA), cards=2, at=at)
    case("flipped_lzma.zip", flip(zipped(two, zipfile.ZIP_LZMA), 70), "syntax")
    case("deflate64.zip", zipped(two).replace(b"\x08\0\0\0!\0", b"\x09\0\0\0!\0"), "unsupported")
    case("twice.zip", zipped([("a.csv", PLAIN), ("a.csv", PLAIN)]), "syntax")
    good = zipped([("a.csv", PLAIN)], zipfile.ZIP_STORED)
    case("behind.zip", good + b"\0", "trailing")
    case("before.zip", b"PK\3\4" + b"\0" * 60 + good, "syntax", "bytes before the archive")
    case("cut.zip", zipped(two)[:-30], "truncated")
    case("half.zip", zipped(two)[:100], "truncated")
    case("flipped.zip", flip(good, 40), "checksum")
    case("encrypted.zip", flip(flip(good, 6, 1), good.index(b"PK\1\2") + 8, 1), "encrypted")
    case("renamed.zip", flip(good, 30, 1), "syntax", "a header and the directory differ")
    case("eleven.zip", nested(11, lambda data, level: zipped([("a" + (".zip" if level else ".csv"), data)])), "bomb")
    case("ten.zip", nested(10, lambda data, level: zipped([("a" + (".zip" if level else ".csv"), data)])))
    # Two entries of the directory for one member.
    at = good.index(b"PK\1\2")
    entry = good[at:good.index(b"PK\5\6")]
    shared = good[:at] + entry + entry.replace(b"a.csv", b"b.csv") + struct.pack(
        "<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, 2 * len(entry), at, 0)
    case("shared.zip", shared, "bomb", "two members share their bytes")
    # A member that says to be 2 GiB of 2 MB.
    large = bytearray(good)
    struct.pack_into("<I", large, at + 24, 2 << 30)
    case("ratio.zip", bytes(large), "bomb")


def rezip(data, change):
    """The same archive with other members."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        members = [(name, file.read(name)) for name in file.namelist()]
    return zipped([(name, new) for name, old in members if (new := change(name, old)) is not None])


def workbook(rows):
    import openpyxl
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def written(rows, **options):
    import xlsxwriter
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    book.close()
    return out.getvalue()


def document(*paragraphs, picture=False):
    import docx
    doc = docx.Document()
    for runs in paragraphs:
        paragraph = doc.add_paragraph()
        for at, run in enumerate(runs):
            paragraph.add_run(run).bold = at % 2 == 1
    if picture:
        import PIL.Image
        image = io.BytesIO()
        PIL.Image.new("RGB", (2, 2)).save(image, "png")
        image.seek(0)
        doc.add_picture(image)
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def birthdays():
    import datetime
    return [[n, datetime.datetime(1950 + n % 40, 1 + n % 12, 1 + n % 28)] for n in range(120)]


def office():
    far = "a long word that keeps all others away"
    rows = [["id", "note", "Credit Card"], [1, far, CARD], [2, far, 4000000953693159]]
    at = "xl/worksheets/sheet1.xml: row 2, column 3 (Credit Card)"
    case("openpyxl.xlsx", lambda: workbook(rows), cards=2, at=at)
    case("xlsxwriter.xlsx", lambda: written(rows), cards=2, at=at)
    case("inline.xlsx", lambda: written(rows, constant_memory=True), cards=2, at=at)
    case("title.xlsx", lambda: workbook([["Bookings"], [], *rows]), cards=2)
    case("single.xlsx", lambda: workbook([["Credit Card"], [CARD], [4000000953693159]]), why="the only column has a name", cards=2)
    case("dates.xlsx", lambda: workbook([["id", "Date of Birth"], *birthdays()]), why="days are numbers in a style", births=120)
    case("dates_too.xlsx", lambda: written([["id", "Date of Birth"], *birthdays()], default_date_format="d mmm yyyy"), births=120)
    case("label.xlsx", lambda: workbook([["id", "note", "label"], *rows[1:]]), why="no keyword")
    case("plain.xlsx", lambda: workbook([["id", "city"], [1, "Saltmere"]]))
    letter = ["Please charge my card 4000 00", "44 2708", " 3831 today."], ["Yours"]
    case("letter.docx", lambda: document(*letter), cards=1)
    case("picture.docx", lambda: document(*letter, picture=True), cards=1)
    case("plain.docx", lambda: document(["Spring tide"]))
    case("document.zip", lambda: document(["Spring tide"]), "unsupported", "a zip is judged by the names inside")
    case("letter", lambda: document(*letter), why="recognised without a name", cards=1)
    case("letter.xlsx", lambda: document(*letter), "mismatch")
    case("zipped.xlsx", zipped([("a.csv", PLAIN)]), "mismatch")
    case("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "mismatch", "an encrypted workbook")
    case("broken.docx", lambda: rezip(document(*letter), lambda name, data: data[:-10] if name == "word/document.xml" else data), "truncated")
    case("untyped.docx", lambda: rezip(document(*letter), lambda name, data: None if name == "[Content_Types].xml" else data), "mismatch")
    case("cut.xlsx", lambda: workbook(rows)[:-100], "truncated")
    case("macro.docx", lambda: rezip(document(*letter), lambda name, data: data) and zipped(
        [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a/>"), ("word/vbaProject.bin", b"\xd0\xcf")]), "unsupported")
    case("lost.xlsx", lambda: rezip(written(rows), lambda name, data: data.replace(b"<v>3</v>", b"<v>99</v>")), "syntax")


AVRO = {
    "type": "record", "name": "Row", "namespace": "tides", "fields": [
        {"name": "id", "type": "long"},
        {"name": "note", "type": ["null", "string"]},
        {"name": "payment", "type": {"type": "record", "name": "Payment", "fields": [
            {"name": "card_number", "type": ["null", "string", "long"]},
            {"name": "codes", "type": {"type": "map", "values": {"type": "array", "items": "double"}}},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
            {"name": "raw", "type": {"type": "fixed", "name": "Four", "size": 4}},
            {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}}]}},
        {"name": "next", "type": ["null", "Row"]}]}


def avro(codec, rows=40, marker=bytes(range(16))):
    import decimal, fastavro

    def row(n, inner=True):
        card = {3: CARD, 30: 4000000953693159}.get(n, f"order {n}")
        return {"id": n, "note": None if n % 2 else "café", "next": row(n + 1000, False) if inner and n % 5 == 0 else None,
                "payment": {"card_number": card, "codes": {"a": [1.5, 2.0], "b": []}, "kind": "B", "raw": b"\0\1\2\3",
                            "price": decimal.Decimal("12.50")}}
    out = io.BytesIO()
    fastavro.writer(out, AVRO, [row(n) for n in range(rows)], codec=codec, sync_interval=400, sync_marker=marker)
    return out.getvalue()


def births():
    import datetime, fastavro
    out, utc = io.BytesIO(), datetime.timezone.utc
    field = {"name": "birthday", "type": {"type": "long", "logicalType": "timestamp-millis"}}
    rows = [{"birthday": datetime.datetime(1980, 1, 1 + n % 28, tzinfo=utc)} for n in range(120)]
    fastavro.writer(out, {"type": "record", "name": "Row", "fields": [field]}, rows, sync_marker=bytes(range(16)))
    return out.getvalue()


def avros():
    for codec in "null", "deflate", "snappy", "zstandard", "bzip2", "xz":
        case(f"{codec}.avro", lambda: avro(codec), cards=2, at="record 4, /payment/card_number")
    case("moments.avro", births(), births=120, why="dates as milliseconds")
    case("empty.avro", lambda: avro("null", 0), why="a table without rows is one")
    case("lzma.avro", lambda: avro("null").replace(b"\x08null", b"\x08lzma"), "unsupported")
    case("cut.avro", lambda: avro("deflate")[:-20], "truncated")
    case("flipped.avro", lambda: flip(avro("snappy"), -18), "checksum")
    case("marker.avro", lambda: flip(avro("null"), -3), "syntax")
    case("behind.avro", lambda: avro("null") + b"\0", "truncated")
    case("schema.avro", lambda: avro("null").replace(b'"enum"', b'"cnum"'), "syntax")
    case("count.avro", lambda: flip(avro("null"), avro("null").index(bytes(range(16))) + 16, 2), "syntax")
    case("avro.zip", lambda: zipped([("a.avro", avro("deflate"))]), cards=2, at="a.avro: record 4, /payment/card_number")


def reportlab(lines, **options):
    import reportlab.pdfgen.canvas
    out = io.BytesIO()
    page = reportlab.pdfgen.canvas.Canvas(out, invariant=1, **options)
    text = page.beginText(50, 700)
    for line in lines:
        text.textLine(line)
    page.drawText(text)
    page.showPage()
    page.save()
    return out.getvalue()


def fpdf(lines, font=None, encrypt=False):
    import datetime, fpdf
    doc = fpdf.FPDF()
    doc.set_creation_date(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))
    doc.add_page()
    if font:
        doc.add_font("own", fname=font)
    if encrypt:
        doc.set_encryption(owner_password="a", user_password="")
    doc.set_font("own" if font else "Helvetica", size=12)
    for line in lines:
        doc.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    return bytes(doc.output())


def repdf(data, **options):
    """As another program writes it: object streams and a cross-reference stream."""
    import pikepdf
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as doc:
        if options.pop("attach", None):
            doc.attachments["card.csv"] = TABLE
        doc.save(out, deterministic_id=True, **options)
    return out.getvalue()


def drawn(content):
    """A page of this content, without compression."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 9 9]>>",
               b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream"]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start)


def pdfs():
    lines = ["Spring tide", f"card {CARD}"]
    case("reportlab.pdf", lambda: reportlab(lines), cards=1, at="page 1")
    case("plain.pdf", lambda: reportlab(lines, pageCompression=0), cards=1)
    case("fpdf.pdf", lambda: fpdf(lines), cards=1)
    subset = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
    case("unicode.pdf", lambda: fpdf(lines, subset), why="a subset of a font, with its map", cards=1)
    import pikepdf
    streams = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
    case("streams.pdf", lambda: repdf(reportlab(lines), **streams), why="object streams", cards=1)
    case("linear.pdf", lambda: repdf(reportlab(lines), linearize=True, **streams), cards=1)
    case("attached.pdf", lambda: repdf(reportlab(["tide"]), attach=True), cards=2, at="card.csv: row 2, column 2 (credit_card)")
    letters = b" ".join(b"1 0 0 1 %d 700 Tm (%c) Tj" % (50 + 6 * at, letter) for at, letter in enumerate(b"card " + CARD.encode()))
    case("letters.pdf", drawn(b"BT /F1 12 Tf " + letters + b" ET"), why="each digit placed by itself", cards=1)
    words = enumerate([b"visa", b"4000", b"0009", b"5369", b"3159"])
    words = b" ".join(b"q BT /F1 1 Tf 12 0 0 12 %d 700 Tm (%s) Tj ET Q" % (50 + 30 * at, word) for at, word in words)
    case("words.pdf", drawn(words), why="each word placed by itself", cards=1)
    kerned = b"BT /F1 12 Tf 50 700 Td [(car) 20 (d) -300 (4000 00) -8 (44 2708) 5 ( 3831)] TJ ET"
    case("kerned.pdf", drawn(kerned), cards=1)
    case("columns.pdf", drawn(b"BT /F1 12 Tf 50 700 Td (card 40000044) Tj 200 0 Td (27083831) Tj ET"), why="two columns")
    plain = reportlab(["tide"])
    case("encrypted.pdf", lambda: fpdf(lines, encrypt=True), why="opens without a password", cards=1, at="page 1")
    case("cut.pdf", lambda: plain[:-40], "truncated")
    case("behind.pdf", lambda: plain + b"<html>", "trailing")
    case("offset.pdf", lambda: plain[:9] + b"%abcd\n" + plain[9:], "syntax")
    case("flipped.pdf", lambda: flip(repdf(plain, **streams), 400), "syntax")
    case("start.pdf", lambda: plain.replace(b"startxref\n", b"startxref\n9"), "syntax")
    case("html.pdf", b"<!DOCTYPE html><html><body>404</body></html>", "mismatch")


def parquet(rows=50, **options):
    import datetime, decimal
    import pyarrow, pyarrow.parquet
    far = 10 ** 15
    table = pyarrow.table({
        "id": pyarrow.array(range(rows), pyarrow.int32()),
        "card": pyarrow.array([{3: int(CARD), 30: 4000000953693159}.get(n, far + n) for n in range(rows)]),
        "note": pyarrow.array([None if n % 3 else f"tide {n % 7}" for n in range(rows)], pyarrow.string()),
        "payment": pyarrow.array([{"card_number": CARD if n == 7 else f"none {n}", "paid": n % 2 == 0} for n in range(rows)]),
        "codes": pyarrow.array([[f"code {n}"] * (n % 4) for n in range(rows)], pyarrow.list_(pyarrow.string())),
        "labels": pyarrow.array([[("a", 1.5)] if n % 2 else None for n in range(rows)],
                                pyarrow.map_(pyarrow.string(), pyarrow.float64())),
        "price": pyarrow.array([decimal.Decimal("1.25")] * rows, pyarrow.decimal128(9, 2)),
        "day": pyarrow.array([datetime.date(1985, 4, 12)] * rows),
    })
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, **options)
    return out.getvalue()


def fastparquet(codec):
    """Pages with bytes behind their values, points in time of old, LZ4 of old."""
    import pandas, tempfile
    table = pandas.DataFrame({"id": range(150), "card": [{3: CARD, 30: "4000000953693159"}.get(n, "") for n in range(150)],
                              "dob": pandas.to_datetime(["1985-04-12"] * 150)})
    with tempfile.NamedTemporaryFile() as file:
        table.to_parquet(file.name, engine="fastparquet", compression=codec, times="int96")
        return pathlib.Path(file.name).read_bytes()


def moments():
    import datetime
    import pyarrow, pyarrow.parquet
    days = [datetime.datetime(1960 + n % 40, 1, 1 + n % 28, 7, 30) for n in range(120)]
    units = {"dob_ms": "ms", "dob_us": "us", "dob_ns": "ns", "seen": "us"}
    table = pyarrow.table({name: pyarrow.array(days, pyarrow.timestamp(unit)) for name, unit in units.items()})
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


def parquets():
    first = {"use_dictionary": False, "data_page_version": "1.0"}
    at = "row 4, /card"
    for codec in "none", "snappy", "gzip", "zstd", "lz4", "brotli":
        case(f"{codec}.parquet", lambda: parquet(compression=codec, data_page_version="1.0"), cards=3, at=at)
        case(f"{codec}2.parquet", lambda: parquet(compression=codec, data_page_version="2.0"), cards=3, at=at)
    case("plain.parquet", lambda: parquet(**first, compression="none"), cards=3)
    case("groups.parquet", lambda: parquet(row_group_size=7, data_page_size=64, write_page_index=True), cards=3, at=at)
    encodings = {"id": "DELTA_BINARY_PACKED", "card": "BYTE_STREAM_SPLIT", "note": "DELTA_BYTE_ARRAY",
                 "payment.card_number": "DELTA_LENGTH_BYTE_ARRAY", "payment.paid": "RLE"}
    case("encodings.parquet", lambda: parquet(1000, use_dictionary=False, column_encoding=encodings), cards=3, at=at)
    case("checked.parquet", lambda: parquet(write_page_checksum=True), cards=3)
    case("moments.parquet", lambda: moments(), births=360, why="dates as points in time, of any unit")
    for codec in "SNAPPY", "LZ4":
        case(f"fastparquet_{codec.lower()}.parquet", lambda: fastparquet(codec), cards=2, births=150)
    case("norows.parquet", lambda: parquet(0), why="a table without rows is one")
    good = parquet(compression="none", write_page_checksum=True)
    case("cut.parquet", lambda: good[:-100], "truncated")
    case("behind.parquet", lambda: good + b"\0", "truncated")
    case("flipped.parquet", lambda: flip(good, good.index(b"tide 0")), "checksum")
    case("footer.parquet", lambda: good[:-8] + struct.pack("<I", len(good)) + b"PAR1", "syntax")
    case("encrypted.parquet", lambda: good[:-4] + b"PARE", "encrypted")
    case("head.parquet", lambda: good[:50] + good[60:], "syntax")
    case("table.zip", lambda: zipped([("a.parquet", good)]), cards=3, at="a.parquet: row 4, /card")


def mail(secret, others=CARD):
    import email.message, email.policy
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["Subject"] = f"Straße {secret}"
    mail["From"] = "me@saltmere.example"
    mail.set_content(f"Liebe Grüße von der Küste, {'tide ' * 20}and my {others} of it.\n", cte="quoted-printable")
    mail.add_alternative(f"<p>Grüße</p><td style='{'x' * 99}'>{others}</td>", subtype="html", cte="base64")
    mail.add_attachment(f"id,label,credit_card\n1,{'tide ' * 20},{secret}\n".encode(), maintype="application",
                        subtype="octet-stream", filename="a.csv")
    inner = email.message.EmailMessage(policy=email.policy.SMTP)
    inner.set_content(f"Grüße, {others}\n", cte="base64")
    mail.add_attachment(inner)
    # Its boundaries are of chance.
    data = mail.as_bytes()
    for at, part in enumerate(part for part in mail.walk() if part.get_boundary()):
        data = data.replace(part.get_boundary().encode(), b"=" * 15 + b"%019d==" % at)
    return data


def mails():
    case("mail.eml", lambda: mail("my card 4000004427083831", "card 4000 0009 5369 3159"), cards=5,
         why="the subject, a text, HTML, a table and a mail inside")
    case("tides.eml", lambda: mail("tide", "tide"))


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    mails()
    archives()
    office()
    avros()
    pdfs()
    parquets()
    lines = ",\n  ".join(json.dumps(each, ensure_ascii=False) for each in cases)
    (HERE / "expected.json").write_text('{"files": [\n  ' + lines + "\n]}\n")
