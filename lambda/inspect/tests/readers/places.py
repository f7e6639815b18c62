"""Plants a card number in every place that a format has: a row is a place.

Files are written by the libraries that people use, or by hand where these do not write such a thing.
"""

import base64, datetime, decimal, gzip, io, re, struct, tarfile, zipfile, zlib

import docx
import fastavro
import openpyxl
import openpyxl.chart
import openpyxl.comments
import openpyxl.packaging.custom
import openpyxl.workbook.defined_name
import openpyxl.worksheet.datavalidation
import pyarrow
import pyarrow.parquet

NUMBER = "4539148803436467"
KEYWORD = "credit card number"
SAYS = f"{KEYWORD} {NUMBER}"
SHORT = f"card number {NUMBER}"
TIDES = b"id,city\n1,Saltmere\n2,Eastvale\n"
ROWS = []


def place(name, what):
    """The function that follows makes a file of this name, planted in this place."""
    def add(make):
        ROWS.append((f"{name.split('.', 1)[1]}: {what}", name, make))
        return make
    return add


def table(name, rows):
    """Places that one line each makes."""
    for what, make in rows.items():
        place(name, what)(make)


def made():
    for what, name, make in ROWS:
        yield what, name, make()


# PDF: objects by hand.

def stream(data, keys="", raw=False):
    data = data.encode("latin-1") if isinstance(data, str) else data
    if not raw:
        data, keys = zlib.compress(data), keys + "/Filter/FlateDecode"
    return f"<<{keys}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"


def pdf(objects, trailer="", behind=b"", before=b""):
    """A document of these objects, by number; what is None has no entry."""
    out, rows = bytearray(b"%PDF-1.7\n" + before), {0: "0000000000 65535 f \n"}
    for number, body in objects.items():
        body = body.encode("latin-1") if isinstance(body, str) else body
        rows[number] = f"{len(out):010} 00000 n \n"
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    out += f"xref\n0 {size}\n".encode() + "".join(rows.get(n, "0000000000 00000 f \n") for n in range(size)).encode()
    return bytes(out) + f"trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode() + behind


def drawn(text):
    return f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET"


def page(content="", keys="", more=(), catalogue="", resources="", font="", trailer="", **rest):
    """A document of one page; `more` are objects from 10 on."""
    content = content if isinstance(content, bytes) else stream(content)
    objects = {
        1: f"<</Type/Catalog/Pages 2 0 R{catalogue}>>",
        2: "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]"
           f"/Resources<</Font<</F1 5 0 R>>{resources}>>/Contents 4 0 R{keys}>>",
        4: content,
        5: f"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding{font}>>",
    }
    objects |= {10 + at: body for at, body in enumerate(more)}
    return pdf(objects, trailer, **rest)


def shown_as(*keys, name=""):
    return page(stream(drawn(SAYS), "".join(keys)))


def of_two(*parts, keys=""):
    return page("", "", [stream(part) for part in parts]).replace(
        b"/Contents 4 0 R", b"/Contents[" + b" ".join(b"%d 0 R" % (10 + at) for at in range(len(parts))) + b"]")


def repaired(data):
    """Cross-references anew, for what was changed by hand."""
    bodies = re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj\n", data, re.S)
    trailer = re.search(rb"/Root 1 0 R(.*?)>>\nstartxref", data, re.S).group(1).decode("latin-1")
    return pdf({int(number): body for number, body in bodies}, trailer)


FORM = "/Type/XObject/Subtype/Form/BBox[0 0 600 200]/Resources<</Font<</F1 5 0 R>>>>"
SPLIT = [f"BT /F1 12 Tf 10 100 Td ({KEYWORD} 45391488) Tj", "(03436467) Tj ET"]
WIDE = "<" + ("\ufeff" + SAYS).encode("utf-16-be").hex() + ">"
GLYPHS = {chr(65 + at): sign for at, sign in enumerate(sorted(set(SAYS)))}
CODED = "".join(next(code for code, sign in GLYPHS.items() if sign == each) for each in SAYS)
MAP = f"{len(GLYPHS)} beginbfchar\n" + "".join(f"<{ord(a):02x}> <{ord(b):04x}>\n" for a, b in GLYPHS.items()) + "endbfchar"
NAMES = {"4": "four", "5": "five", "3": "three", "9": "nine", "1": "one", "8": "eight", "0": "zero", "6": "six",
         "7": "seven", " ": "space"}
BASE85 = base64.a85encode(drawn(SAYS).encode()).decode() + "~>"


def lettered(order=1):
    """Each letter at its place, in any order."""
    letters = [f"1 0 0 1 {10 + 8 * at} 100 Tm ({sign}) Tj" for at, sign in enumerate(SAYS)]
    return "BT /F1 12 Tf " + "\n".join(letters[::order]) + " ET"


def updated():
    """A revision draws another content; the first one is still there."""
    old = page(drawn(SAYS))
    body = b"4 0 obj\n" + stream(drawn("tide")) + b"\nendobj\n"
    start = len(old) + len(body)
    table = f"xref\n4 1\n{len(old):010} 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev {old.rindex(b'xref', 0, -20)}>>\n"
    return old + body + f"{table}startxref\n{start}\n%%EOF\n".encode()


def packed(data, index=True):
    """The text as an object in an object stream."""
    inner = f"10 0 << /Title ({data}) >>".encode()
    out, rows = bytearray(b"%PDF-1.7\n"), [(0, 0, 0)]
    for number, body in enumerate([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]>>", stream(inner, "/Type/ObjStm/N 1/First 5")], 1):
        rows.append((1, len(out), 0))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    rows += [(0, 0, 0)] * 5 + [(2, 4, 0)] + [(1, len(out), 0)]
    start = len(out)
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    keys = f"/Type/XRef/W[1 4 2]/Size {len(rows)}/Root 1 0 R/Info 10 0 R"
    out += f"{len(rows) - 1} 0 obj\n".encode() + stream(table, keys) + f"\nendobj\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def rc4(key, data):
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) & 255
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + box[i]) & 255
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) & 255])
    return bytes(out)


def encrypted():
    """Encrypted with the user password that is empty, by RC4 of 40 bits."""
    from hashlib import md5
    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    owner = rc4(md5(pad).digest()[:5], pad)
    key = md5(pad + owner + struct.pack("<i", -4) + b"0123456789abcdef").digest()[:5]
    own = md5(key + (4).to_bytes(3, "little") + b"\0\0").digest()[:10]
    content = stream(rc4(own, drawn(SAYS).encode()), raw=True)
    names = f"/Encrypt 10 0 R/ID[<{b'0123456789abcdef'.hex()}><{b'0123456789abcdef'.hex()}>]"
    hidden = f"<</Filter/Standard/V 1/R 2/P -4/O<{owner.hex()}>/U<{rc4(key, pad).hex()}>>>"
    return page(content, "", [hidden], trailer=names)


def many(encoding, string, ordering, more=(), says=""):
    """A page in a font of many characters, of an encoding and a collection."""
    names = f"/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 0>>/DW 500"
    own = f"<</Type/Font/Subtype/CIDFontType0/BaseFont/KozMinPro{names}>>"
    font = f"/Type/Font/Subtype/Type0/BaseFont/KozMinPro-H/Encoding{encoding}/DescendantFonts[10 0 R]{says}"
    made = page(f"BT /F1 12 Tf 10 100 Td {string} Tj ET", more=[own, *more])
    return repaired(made.replace(b"/Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding", font.encode()))


def wide_digits(encoding):
    full = NUMBER.translate({48 + at: 0xff10 + at for at in range(10)})
    return "<" + f"{KEYWORD} {full}".encode(encoding).hex() + ">"


def numbered_codes(digits):
    return "<" + "".join(f"{digits + ord(sign) - 48 if sign.isdigit() else ord(sign) - 31:04x}" for sign in SAYS) + ">"


def coded(content, resources="", more=(), **of):
    """A page whose font has a map."""
    return page(content, font="/ToUnicode 10 0 R", more=[stream(MAP), *more], resources=resources, **of)


LENGTHS = "2 begincodespacerange <8000> <ffff> <00> <7f> endcodespacerange"
CMAP = "/Type/CMap/CMapName/Own/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 0>>"
UNTITLED = f"BT 10 100 Td ({CODED}) Tj ET"
IMAGE = b"BI /W 1 /H 1 /BPC 8 /CS /G ID xEI "


def behind_image():
    content = IMAGE + drawn(CODED).encode() + b" %" + bytes(range(128, 256)) * 8 + b"\n EI Q"
    return coded(f"<</Length {len(content)}>>stream\n".encode() + content + b"\nendstream")


table("fonts.pdf", {
    "RKSJ": lambda: many("/90ms-RKSJ-H", f"({SAYS})", "Japan1"),
    "RKSJ, wide digits": lambda: many("/90ms-RKSJ-H", wide_digits("cp932"), "Japan1"),
    "EUC": lambda: many("/EUC-H", wide_digits("euc-jp"), "Japan1"),
    "GBK": lambda: many("/GBK-EUC-H", f"({SAYS})", "GB1"),
    "GB, wide digits": lambda: many("/GB-EUC-H", wide_digits("gb2312"), "GB1"),
    "GB 18030": lambda: many("/GBK2K-H", f"({SAYS})", "GB1"),
    "Big5": lambda: many("/ETen-B5-H", f"({SAYS})", "CNS1"),
    "UHC, wide digits": lambda: many("/KSCms-UHC-H", wide_digits("cp949"), "Korea1"),
    "UTF-8": lambda: many("/UniJIS-UTF8-H", f"({SAYS})", "Japan1"),
    "numbers of narrow digits": lambda: many("/Identity-H", numbered_codes(247), "Japan1"),
    "numbers of wide digits": lambda: many("/Identity-H", numbered_codes(780), "Japan1"),
    "numbers that a map leaves out": lambda: many(
        "/Identity-H", numbered_codes(17), "Japan1", [stream("1 beginbfchar <0300> <0041> endbfchar")], "/ToUnicode 11 0 R"),
    "codes of one and two bytes": lambda: many(
        " 11 0 R", f"({SAYS})", "Japan1", [stream(LENGTHS + " 1 begincidrange <20> <7e> 1 endcidrange", CMAP)]),
    "an encoding that builds upon another": lambda: many(
        " 11 0 R", f"({SAYS})", "Japan1", [stream("/90ms-RKSJ-H usecmap", CMAP + "/UseCMap/90ms-RKSJ-H")]),
    "a font that a state sets": lambda: page(
        f"/G gs {UNTITLED}", more=["<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 11 0 R>>", stream(MAP)],
        resources="/ExtGState<</G<</Type/ExtGState/Font[10 0 R 12]>>>>"),
    "a form in the font of its page": lambda: coded(
        "/F1 12 Tf /X Do", "/XObject<</X 11 0 R>>", [stream(UNTITLED, FORM)]),
    "a form whose resources lack the font": lambda: coded(
        "/X Do", "/XObject<</X 11 0 R>>", [stream(drawn(CODED), FORM.replace("/Font<</F1 5 0 R>>", ""))]),
    "two maps": lambda: page(drawn(CODED), font="/ToUnicode 11 0 R/ToUnicode 10 0 R", more=[stream(MAP), stream("")]),
    "two resources": lambda: coded(drawn(CODED), keys="/Resources<<>>"),
    "behind a picture that no blank ends": behind_image,
    "a filter by its short name": lambda: page(stream(zlib.compress(drawn(SAYS).encode()), "/F/Fl", True)),
    "a predictor elsewhere": lambda: page(
        stream(zlib.compress(b"\0" + drawn(SAYS).encode()), "/Filter/Fl/DecodeParms<</Predictor 10 0 R/Columns 99>>", True),
        more=["12"]),
    "an archive behind the pixels of a picture": lambda: page(
        drawn("tide"), more=[stream(b"\0" * 99 + zipped(data=SAYS.encode() * 9), "/Subtype/Image/Width 9/Height 11")]),
    "an archive attached as a picture": lambda: page(
        drawn("tide"), more=["<</Type/Filespec/F(a.zip)/EF<</F 11 0 R>>>>", stream(PIXEL + zipped(data=SAYS.encode() * 9))],
        catalogue="/Names<</EmbeddedFiles<</Names[(a.zip)10 0 R]>>>>"),
})
table("page.pdf", {
    "text of a page": lambda: page(drawn(SAYS)),
    "content that says /Length1": lambda: shown_as("/Length1 1"),
    "content that says /Subtype /Image": lambda: shown_as("/Subtype/Image"),
    "content that says /Subtype /Type1C": lambda: shown_as("/Subtype/Type1C"),
    "content that says /Subtype /OpenType": lambda: shown_as("/Subtype/OpenType"),
    "content that says /Type /XRef": lambda: shown_as("/Type/XRef"),
    "content that says /Type /ObjStm": lambda: shown_as("/Type/ObjStm"),
    "content that says /Type /EmbeddedFile": lambda: shown_as("/Type/EmbeddedFile"),
    "a number in two streams of /Contents": lambda: repaired(of_two(*SPLIT)),
    "a keyword in one stream of /Contents, the number in the next": lambda: repaired(
        of_two(f"BT /F1 12 Tf 10 100 Td ({KEYWORD}) Tj", f"( {NUMBER}) Tj ET")),
    "a stray ID operator": lambda: page(f"BT /F1 12 Tf 10 100 Td ID ({SAYS}) Tj ET"),
    "a stray ID operator between texts": lambda: page(f"{drawn('tide')} ID\n{drawn(SAYS)}"),
    "behind a picture in the content": lambda: page("BI /W 1 /H 1 /BPC 8 /CS /G ID x EI " + drawn(SAYS)),
    "behind a picture that has EI in it": lambda: page("BI /W 5 /H 1 /BPC 8 /CS /G ID a EI  EI " + drawn(SAYS)),
    "behind a picture without EI": lambda: page("BI /W 1 /H 1 /BPC 8 /CS /G ID x " + drawn(SAYS)),
    "a TJ array with gaps": lambda: page(
        f"BT /F1 12 Tf 10 100 Td [({KEYWORD} ) -20 (4539) 5 (1488) 5 (0343) 5 (6467)] TJ ET"),
    "a TJ array, a letter each": lambda: page(
        "BT /F1 12 Tf 10 100 Td [" + " ".join(f"({sign}) 1" for sign in SAYS) + "] TJ ET"),
    "several Tj": lambda: page(f"BT /F1 12 Tf 10 100 Td ({KEYWORD} 4539) Tj (1488) Tj (0343) Tj (6467) Tj ET"),
    "several texts in a line": lambda: page(
        f"BT /F1 12 Tf 10 100 Td ({KEYWORD}) Tj ET BT /F1 12 Tf 120 100 Td ({NUMBER}) Tj ET"),
    "a keyword in the line above": lambda: page(f"BT /F1 12 Tf 14 TL 10 100 Td ({KEYWORD}) Tj T* ({NUMBER}) Tj ET"),
    "the operator '": lambda: page(f"BT /F1 12 Tf 14 TL 10 100 Td ({KEYWORD}) Tj ({NUMBER}) ' ET"),
    "the operator \"": lambda: page(f"BT /F1 12 Tf 14 TL 10 100 Td ({KEYWORD}) Tj 0 0 ({NUMBER}) \" ET"),
    "each letter at its place": lambda: page(lettered()),
    "each letter at its place, backwards": lambda: page(lettered(-1)),
    "the number before its keyword, to the right of it": lambda: page(
        f"BT /F1 12 Tf 120 100 Td ({NUMBER}) Tj ET BT /F1 12 Tf 10 100 Td ({KEYWORD}) Tj ET"),
    "the second half of the number first": lambda: page(
        f"BT /F1 12 Tf 1 0 0 1 172 100 Tm (03436467) Tj 1 0 0 1 10 100 Tm ({KEYWORD} 45391488) Tj ET"),
    "octal escapes": lambda: page(drawn(KEYWORD + " " + "".join(f"\\{ord(sign):03o}" for sign in NUMBER))),
    "a line that goes on": lambda: page(drawn(f"{KEYWORD} 45391488\\\n03436467")),
    "a hexadecimal string with blanks": lambda: page(
        "BT /F1 12 Tf 10 100 Td <" + SAYS.encode().hex(" ") + "> Tj ET"),
    "invisible text": lambda: page("3 Tr " + drawn(SAYS)),
    "text in a hidden layer": lambda: page(
        "/OC /L BDC " + drawn(SAYS) + " EMC", more=["<</Type/OCG/Name(L)>>"], resources="/Properties<</L 10 0 R>>",
        catalogue="/OCProperties<</OCGs[10 0 R]/D<</OFF[10 0 R]>>>>"),
    "the name of a layer": lambda: page(
        drawn("tide"), more=[f"<</Type/OCG/Name({SAYS})>>"], catalogue="/OCProperties<</OCGs[10 0 R]/D<<>>>>"),
    "ActualText": lambda: page(f"/Span <</ActualText ({SAYS})>> BDC " + drawn("tide") + " EMC"),
    "a structure's Alt": lambda: page(
        drawn("tide"), more=["<</Type/StructTreeRoot/K 11 0 R>>", f"<</S/Figure/P 10 0 R/Alt({SAYS})>>"],
        catalogue="/StructTreeRoot 10 0 R"),
    "codes that ToUnicode maps": lambda: page(drawn(CODED), font="/ToUnicode 10 0 R", more=[stream(MAP)]),
    "codes that ToUnicode maps, and Length1": lambda: page(
        drawn(CODED), font="/ToUnicode 10 0 R", more=[stream(MAP, "/Length1 1")]),
    "codes that Differences name": lambda: repaired(page(
        drawn(KEYWORD + " " + "".join(chr(ord(sign) + 144) for sign in NUMBER)),
        font="/Encoding<</Differences[" + " ".join(f"{ord(sign) + 144}/{NAMES[sign]}" for sign in sorted(set(NUMBER)))
             + "]>>").replace(b"/Encoding/WinAnsiEncoding", b"")),
    "a form": lambda: page("/X Do", more=[stream(drawn(SAYS), FORM)], resources="/XObject<</X 10 0 R>>"),
    "a form that says /Length1": lambda: page(
        "/X Do", more=[stream(drawn(SAYS), FORM + "/Length1 1")], resources="/XObject<</X 10 0 R>>"),
    "a form in a form": lambda: page(
        "/X Do", more=[stream("/Y Do", FORM.replace("<</Font", "<</XObject<</Y 11 0 R>>/Font")),
                       stream(drawn(SAYS), FORM)], resources="/XObject<</X 10 0 R>>"),
    "a number, half of it in a form": lambda: page(
        drawn(f"{KEYWORD} 45391488") + " /X Do", more=[stream("BT /F1 12 Tf 172 100 Td (03436467) Tj ET", FORM)],
        resources="/XObject<</X 10 0 R>>"),
    "a pattern": lambda: page(
        "/Pattern cs /P scn 0 0 600 200 re f", resources="/Pattern<</P 10 0 R>>",
        more=[stream(drawn(SAYS), "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 200]/XStep 600/YStep 200"
                                  "/Resources<</Font<</F1 5 0 R>>>>")]),
    "a glyph of a Type3 font": lambda: repaired(page(
        "BT /T 1 Tf 10 100 Td (a) Tj ET", more=[
            "<</Type/Font/Subtype/Type3/FontBBox[0 0 600 200]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 11 0 R>>"
            "/Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[600]/Resources<</Font<</F1 5 0 R>>>>>>",
            stream("600 0 d0 " + drawn(SAYS))]).replace(b"/F1 5 0 R>>>>/Contents", b"/F1 5 0 R/T 10 0 R>>>>/Contents")),
    "a note": lambda: page(
        drawn("tide"), "/Annots[10 0 R]", [f"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents({SAYS})>>"]),
    "a note's title": lambda: page(
        drawn("tide"), "/Annots[10 0 R]", [f"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/T({SAYS})>>"]),
    "an annotation's appearance": lambda: page(
        drawn("tide"), "/Annots[10 0 R]", ["<</Type/Annot/Subtype/Stamp/Rect[0 0 600 200]/F 4/AP<</N 11 0 R>>>>",
                                          stream(drawn(SAYS), FORM)]),
    "an annotation's appearance that says /Length1": lambda: page(
        drawn("tide"), "/Annots[10 0 R]", ["<</Type/Annot/Subtype/Stamp/Rect[0 0 600 200]/F 4/AP<</N 11 0 R>>>>",
                                          stream(drawn(SAYS), FORM + "/Length1 1")]),
    "the address of a link": lambda: page(
        drawn("tide"), "/Annots[10 0 R]",
        [f"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://a/?card number {NUMBER})>>>>"]),
    "a field's value": lambda: page(
        drawn("tide"), "/Annots[10 0 R]",
        [f"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[0 0 600 99]/F 4/DA(/F1 9 Tf)/V({SAYS})>>"],
        "/AcroForm<</Fields[10 0 R]/DR<</Font<</F1 5 0 R>>>>/NeedAppearances true>>"),
    "a field's name has the keyword": lambda: page(
        drawn("tide"), "/Annots[10 0 R]",
        [f"<</Type/Annot/Subtype/Widget/FT/Tx/T({KEYWORD})/Rect[0 0 600 99]/F 4/DA(/F1 9 Tf)/V({NUMBER})>>"],
        "/AcroForm<</Fields[10 0 R]>>"),
    "a choice": lambda: page(
        drawn("tide"), "/Annots[10 0 R]",
        [f"<</Type/Annot/Subtype/Widget/FT/Ch/T(a)/Rect[0 0 600 99]/Opt[({SAYS})]>>"], "/AcroForm<</Fields[10 0 R]>>"),
    "XFA": lambda: page(drawn("tide"), more=[stream(f"<a>{SAYS}</a>")], catalogue="/AcroForm<</Fields[]/XFA 10 0 R>>"),
    "XFA in pieces": lambda: page(
        drawn("tide"), more=[stream(f"<a>{KEYWORD} 45391488"), stream("03436467</a>")],
        catalogue="/AcroForm<</Fields[]/XFA[(a)10 0 R(b)11 0 R]>>"),
    "the title": lambda: page(drawn("tide"), more=[f"<</Title({SAYS})>>"], trailer="/Info 10 0 R"),
    "the title, hexadecimal": lambda: page(
        drawn("tide"), more=[f"<</Title<{SAYS.encode().hex()}>>>"], trailer="/Info 10 0 R"),
    "the title, UTF-16": lambda: page(drawn("tide"), more=[f"<</Title{WIDE}>>"], trailer="/Info 10 0 R"),
    "an own entry of the information": lambda: page(
        drawn("tide"), more=[f"<</Card({SAYS})>>"], trailer="/Info 10 0 R"),
    "a key of the information has the keyword": lambda: page(
        drawn("tide"), more=[f"<</Credit#20card#20number({NUMBER})>>"], trailer="/Info 10 0 R"),
    "the title, packed": lambda: packed(SAYS),
    "XMP": lambda: page(
        drawn("tide"), more=[stream(f"<x>{SAYS}</x>", "/Type/Metadata/Subtype/XML", raw=True)],
        catalogue="/Metadata 10 0 R"),
    "XMP of an attribute": lambda: page(
        drawn("tide"), more=[stream(f"<x a='{SAYS}'/>", "/Type/Metadata/Subtype/XML")], catalogue="/Metadata 10 0 R"),
    "a bookmark": lambda: page(
        drawn("tide"), more=["<</Type/Outlines/First 11 0 R/Last 11 0 R/Count 1>>",
                             f"<</Title({SAYS})/Parent 10 0 R/Dest[3 0 R/Fit]>>"], catalogue="/Outlines 10 0 R"),
    "the label of a page": lambda: page(drawn("tide"), catalogue=f"/PageLabels<</Nums[0<</P({SAYS})>>]>>"),
    "the name of a destination": lambda: page(
        drawn("tide"), catalogue=f"/Names<</Dests<</Names[({SAYS})[3 0 R/Fit]]>>>>"),
    "JavaScript": lambda: page(drawn("tide"), catalogue=f"/OpenAction<</S/JavaScript/JS(// {SAYS})>>"),
    "JavaScript in a stream": lambda: page(
        drawn("tide"), more=[stream(f"// {SAYS}")], catalogue="/OpenAction<</S/JavaScript/JS 10 0 R>>"),
    "a file inside": lambda: page(
        drawn("tide"), more=["<</Type/Filespec/F(a.txt)/EF<</F 11 0 R>>>>", stream(SAYS, "/Type/EmbeddedFile")],
        catalogue="/Names<</EmbeddedFiles<</Names[(a.txt)10 0 R]>>>>"),
    "a file inside that says /Length1": lambda: page(
        drawn("tide"), more=["<</Type/Filespec/F(a.txt)/EF<</F 11 0 R>>>>",
                             stream(SAYS, "/Type/EmbeddedFile/Length1 1")],
        catalogue="/Names<</EmbeddedFiles<</Names[(a.txt)10 0 R]>>>>"),
    "a file inside that says /Subtype /Image": lambda: page(
        drawn("tide"), more=["<</Type/Filespec/F(a.txt)/EF<</F 11 0 R>>>>", stream(SAYS, "/Subtype/Image")],
        catalogue="/Names<</EmbeddedFiles<</Names[(a.txt)10 0 R]>>>>"),
    "the name of a file inside": lambda: page(
        drawn("tide"), more=[f"<</Type/Filespec/F({SAYS}.txt)/EF<</F 11 0 R>>>>", stream("tide", "/Type/EmbeddedFile")],
        catalogue="/Names<</EmbeddedFiles<</Names[(a.txt)10 0 R]>>>>"),
    "what is said of a file inside": lambda: page(
        drawn("tide"), more=[f"<</Type/Filespec/F(a.txt)/Desc({SAYS})/EF<</F 11 0 R>>>>",
                             stream("tide", "/Type/EmbeddedFile")],
        catalogue="/Names<</EmbeddedFiles<</Names[(a.txt)10 0 R]>>>>"),
    "text in a stream that is a picture by use": lambda: page(
        "/X Do", more=[stream(SAYS, f"/Type/XObject/Subtype/Image/Width {len(SAYS)}/Height 1/BitsPerComponent 8"
                                    "/ColorSpace/DeviceGray")], resources="/XObject<</X 10 0 R>>"),
    "a comment between objects": lambda: page(drawn("tide"), before=f"% {SAYS}\n".encode()),
    "a comment in the content": lambda: page(f"% {SAYS}\n" + drawn("tide")),
    "an object that nothing refers to": lambda: page(drawn("tide"), more=[f"({SAYS})"]),
    "a stream that nothing refers to": lambda: page(drawn("tide"), more=[stream(drawn(SAYS))]),
    "a stream that nothing refers to, and Length1": lambda: page(
        drawn("tide"), more=[stream(drawn(SAYS), "/Length1 1")]),
    "an object without an entry": lambda: page(
        drawn("tide"), before=f"99 0 obj\n({SAYS})\nendobj\n".encode()),
    "a comment behind the end": lambda: page(drawn("tide"), behind=f"% {SAYS}\n".encode()),
    "a content that a later revision draws no more": updated,
    "a tab behind the keyword": lambda: page(drawn(f"{KEYWORD}\\t{NUMBER}")),
    "a line end behind the keyword": lambda: page(drawn(f"{KEYWORD}\\n{NUMBER}")),
    "a carriage return behind the keyword": lambda: page(drawn(f"{KEYWORD}\\r{NUMBER}")),
    "a control code behind the keyword": lambda: page(drawn(f"{KEYWORD}\\001{NUMBER}")),
    "the last control code behind the keyword": lambda: page(drawn(f"{KEYWORD}\\037{NUMBER}")),
    "a tab behind the number": lambda: page(drawn(f"{NUMBER}\\t{KEYWORD}")),
    "a tab in an array": lambda: page(f"BT /F1 12 Tf 10 100 Td [({KEYWORD}) 1 (\\t) 1 ({NUMBER})] TJ ET"),
    **{f"the unused code {code:02X} of WinAnsi behind the keyword": lambda code=code: page(
        drawn(f"{KEYWORD}\\{code:03o}{NUMBER}")) for code in (0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D)},
    **{f"the code {code:02X} of Adobe's encoding behind the keyword": lambda code=code: repaired(page(
        drawn(f"{KEYWORD}\\{code:03o}{NUMBER}")).replace(b"/WinAnsiEncoding", b"/StandardEncoding"))
        for code in (0xAD, 0xB0, 0xCA, 0xDF)},
    "a string of the trailer": lambda: page(drawn("tide"), trailer=f"/A({SAYS})"),
    "a string of a stream's dictionary": lambda: page(stream(drawn("tide"), f"/A({SAYS})")),
    "a name": lambda: page(drawn("tide"), keys="/A/" + SAYS.replace(" ", "#20")),
    "a map of nothing": lambda: page(
        drawn(SAYS), font="/ToUnicode 10 0 R",
        more=[stream("".join(f"1 beginbfchar <{48 + at:02x}> <> endbfchar " for at in range(10)))]),
    "a code within a range": lambda: page(
        drawn("".join(chr(ord(sign) + 1) for sign in SAYS)), font="/ToUnicode 10 0 R",
        more=[stream("1 beginbfrange <20> <7e> <001f> endbfrange 1 beginbfchar <21> <0020> endbfchar")]),
    "half of it is meant": lambda: page(
        f"BT /F1 12 Tf 10 100 Td ({KEYWORD} 45391488) Tj /Span <</ActualText (03436467)>> BDC (x) Tj EMC ET"),
    "behind a picture that ends early": lambda: coded(
        f"BT /F1 12 Tf 10 100 Td BI /W 1 /H 1 /BPC 8 /CS /G ID xEI ({CODED}) Tj  EI ET"),
    "resources that are null": lambda: repaired(coded(drawn(CODED)).replace(
        b"/Resources<</Font<</F1 5 0 R>>>>", b"/Resources null").replace(
        b"/Count 1", b"/Count 1/Resources<</Font<</F1 5 0 R>>>>")),
    "an appearance without resources": lambda: page(
        drawn("tide"), "/Annots[10 0 R]",
        ["<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/DA(/F1 9 Tf)/Rect[0 0 600 200]/F 4/AP<</N 11 0 R>>>>",
         stream(drawn(CODED), FORM.replace("/Resources<</Font<</F1 5 0 R>>>>", "")), stream(MAP)],
        "/AcroForm<</Fields[10 0 R]/DR<</Font<</F1 5 0 R>>>>>>", font="/ToUnicode 12 0 R"),
    "digits in boxes": lambda: page(
        f"BT /F1 12 Tf 10 100 Td [({KEYWORD} ) " + " ".join(f"({sign}) -900" for sign in NUMBER) + "] TJ ET"),
    "digits backwards": lambda: page(
        f"BT /F1 12 Tf 10 100 Td ({KEYWORD} ) Tj 250 0 Td [" + " ".join(f"({sign}) 1112" for sign in NUMBER[::-1])
        + "] TJ ET"),
    "signs between that are too small": lambda: page(
        "BT " + "".join(f"/F1 12 Tf 1 0 0 1 {10 + 7 * at} 100 Tm ({sign}) Tj /F1 0.1 Tf (z) Tj "
                        for at, sign in enumerate(SAYS)) + "ET"),
    "dashes of a title": lambda: page(
        drawn("tide"), more=[f"<</Title({KEYWORD} 4539\\2051488\\2050343\\2056467)>>"], trailer="/Info 10 0 R"),
    "bookmarks below each other": lambda: page(
        drawn("tide"), more=["<</Type/Outlines/First 11 0 R/Last 11 0 R/Count 2>>",
                             f"<</Title({KEYWORD})/Parent 10 0 R/First 12 0 R/Last 12 0 R/Count 1/Dest[3 0 R/Fit]>>",
                             f"<</Title({NUMBER})/Parent 11 0 R/Dest[3 0 R/Fit]>>"], catalogue="/Outlines 10 0 R"),
    "a string with other signs": lambda: page(
        "BT /F1 12 Tf 10 100 Td <" + "x".join(SAYS.encode().hex()) + "> Tj ET"),
    "parameters that are no list": lambda: page(
        stream(zlib.compress(drawn(SAYS).encode()), "/Filter[/FlateDecode]/DecodeParms<</Predictor 12/Columns 4>>", True)),
    "content in hexadecimal": lambda: page(stream(drawn(SAYS).encode().hex() + ">", "/Filter/ASCIIHexDecode", True)),
    "content in base 85": lambda: page(stream(BASE85, "/Filter/ASCII85Decode", True)),
    "content in lengths": lambda: page(
        stream(b"".join(bytes([0, byte]) for byte in drawn(SAYS).encode()) + b"\x80", "/Filter/RunLengthDecode", True)),
    "content in two filters": lambda: page(
        stream(zlib.compress(drawn(SAYS).encode()).hex() + ">", "/Filter[/ASCIIHexDecode/FlateDecode]", True)),
    "content without compression": lambda: page(stream(drawn(SAYS), raw=True)),
    "encrypted with an empty password": encrypted,
})


# gzip and tar.

def gz(data, name=b"", comment=b"", extra=b""):
    flags = bool(extra) << 2 | bool(name) << 3 | bool(comment) << 4
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\0\xff"
    head += struct.pack("<H", len(extra)) + extra if extra else b""
    head += name + b"\0" if name else b""
    head += comment + b"\0" if comment else b""
    return head + gzip.compress(data)[10:]


table("tides.csv.gz", {
    "content": lambda: gz(TIDES + f"3,{SAYS}\n".encode()),
    "the name": lambda: gz(TIDES, name=SAYS.encode()),
    "the comment": lambda: gz(TIDES, comment=SAYS.encode()),
    "the extra field": lambda: gz(TIDES, extra=b"ab" + struct.pack("<H", len(SAYS)) + SAYS.encode()),
    "the name of a second member": lambda: gz(TIDES) + gz(b"3,Kap\n", name=SAYS.encode()),
    "a number in two members": lambda: gz(f"id,city\n1,{KEYWORD} 45391488".encode()) + gz(b"03436467\n"),
})


def tarred(name="tides.csv", data=TIDES, format=tarfile.PAX_FORMAT, headers=None, **of):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format, pax_headers=headers or {}) as file:
        info = tarfile.TarInfo(name)
        info.size = 0 if of.get("type") in (tarfile.SYMTYPE, tarfile.DIRTYPE) else len(data)
        for key, value in of.items():
            setattr(info, key, value)
        file.addfile(info, io.BytesIO(data))
        if not info.size:
            info = tarfile.TarInfo("tides.csv")
            info.size = len(TIDES)
            file.addfile(info, io.BytesIO(TIDES))
    return out.getvalue()


def padded(at):
    data = bytearray(tarred())
    data[at:at + len(SAYS)] = SAYS.encode()
    return bytes(data)


table("tides.tar", {
    "content": lambda: tarred(data=TIDES + f"3,{SAYS}\n".encode()),
    "a name": lambda: tarred(SAYS + ".csv"),
    "a long name of pax": lambda: tarred("a/" * 100 + SAYS + ".csv"),
    "a long name of GNU": lambda: tarred("a/" * 100 + SAYS + ".csv", format=tarfile.GNU_FORMAT),
    "a number in a name's prefix and the rest": lambda: tarred(
        "b" * 90 + "/" + KEYWORD + "/" + NUMBER + ".csv", format=tarfile.USTAR_FORMAT),
    "a folder's name": lambda: tarred(SAYS, type=tarfile.DIRTYPE),
    "a link's aim": lambda: tarred("a", type=tarfile.SYMTYPE, linkname=SAYS),
    "a user's name": lambda: tarred(uname=SHORT),
    "a user's name of pax": lambda: tarred(uname=SAYS),
    "a group's name": lambda: tarred(gname=SAYS),
    "a comment of pax": lambda: tarred(pax_headers={"comment": SAYS}),
    "a comment of pax for all": lambda: tarred(headers={"comment": SAYS}),
    "an own key of pax": lambda: tarred(pax_headers={"CARD.number": SAYS}),
    "the name of an own key of pax": lambda: tarred(pax_headers={SAYS: "tide"}),
    "an attribute of pax": lambda: tarred(pax_headers={"SCHILY.xattr.user.a": SAYS}),
    "behind a member's end": lambda: padded(512 + 100),
    "behind the header": lambda: padded(1024 + 512 + 100),
    "behind the archive": lambda: padded(4096),
})


# Zip.

def zipped(name="tides.csv", data=TIDES, comment=b"", of=None, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        info = zipfile.ZipInfo(name)
        info.compress_type = method
        for key, value in (of or {}).items():
            setattr(info, key, value)
        file.writestr(info, data)
        if name.endswith("/"):
            file.writestr("tides.csv", TIDES)
        file.comment = comment
    return out.getvalue()


def extra(kind=0x7777, text=SAYS.encode()):
    return struct.pack("<HH", kind, len(text)) + text


def one_extra(local):
    """An extra field in the header of the member, or in the directory."""
    field, plain = extra(), zipped()
    directory = plain.index(b"PK\1\2")
    end = plain.rindex(b"PK\5\6")
    out = bytearray(plain)
    if local:
        out[28:30] = struct.pack("<H", len(field))
        out[39:39] = field
        end += len(field)
        out[end + 16:end + 20] = struct.pack("<I", directory + len(field))
    else:
        out[directory + 30:directory + 32] = struct.pack("<H", len(field))
        out[end:end] = field
        end += len(field)
        out[end + 12:end + 16] = struct.pack("<I", end - directory)
    return bytes(out)


def with_gap():
    plain = bytearray(zipped())
    directory, end = plain.index(b"PK\1\2"), plain.rindex(b"PK\5\6")
    plain[end + 16:end + 20] = struct.pack("<I", directory + len(SAYS))
    plain[directory:directory] = SAYS.encode()
    return bytes(plain)


def unicode_path():
    text = b"\1" + struct.pack("<I", zlib.crc32(b"tides.csv")) + f"{SAYS}.csv".encode()
    return zipped(of={"extra": extra(0x7075, text)})


table("tides.zip", {
    "content": lambda: zipped(data=TIDES + f"3,{SAYS}\n".encode()),
    "content, stored": lambda: zipped(data=TIDES + f"3,{SAYS}\n".encode(), method=zipfile.ZIP_STORED),
    "content, bzip2": lambda: zipped(data=TIDES + f"3,{SAYS}\n".encode(), method=zipfile.ZIP_BZIP2),
    "content, LZMA": lambda: zipped(data=TIDES + f"3,{SAYS}\n".encode(), method=zipfile.ZIP_LZMA),
    "a name": lambda: zipped(SAYS + ".csv"),
    "a folder's name": lambda: zipped(SAYS + "/", b""),
    "the name of Unicode": unicode_path,
    "the comment": lambda: zipped(comment=SAYS.encode()),
    "a member's comment": lambda: zipped(of={"comment": SAYS.encode()}),
    "an archive as the comment": lambda: zipped(comment=zipped(data=SAYS.encode())),
    "gzip as the comment": lambda: zipped(comment=gzip.compress(SAYS.encode())),
    "gzip as a member's comment": lambda: zipped(of={"comment": gzip.compress(SAYS.encode())}),
    "gzip in an extra field": lambda: zipped(of={"extra": extra(0x7777, gzip.compress(SAYS.encode()))}),
    "an archive in an extra field": lambda: zipped(of={"extra": extra(0x7777, zipped(data=SAYS.encode()))}),
    "an extra field": lambda: zipped(of={"extra": extra()}),
    "an extra field of the member only": lambda: one_extra(True),
    "an extra field of the directory only": lambda: one_extra(False),
    "between members and directory": with_gap,
    "behind the end": lambda: zipped() + SAYS.encode(),
    "before the first member": lambda: SAYS.encode() + zipped(),
    "an archive in the comment": lambda: zipped(comment=zipped(data=TIDES + f"3,{SAYS}\n".encode())),
    "an archive in the comment, with more behind": lambda: zipped(
        comment=zipped(data=TIDES + f"3,{SAYS}\n".encode()) + b"x"),
    "a comment of a zip in a zip": lambda: zipped("a.zip", zipped(comment=SAYS.encode())),
    "a name in a gzip in a zip": lambda: zipped("a.csv.gz", gz(TIDES, name=SAYS.encode())),
})


# Text, CSV, JSON, XML.

def document(body="tide", head="", doctype="", tail="", encoding="UTF-8"):
    text = f"<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n{head}{doctype}<a>{body}</a>{tail}"
    return text.encode(encoding)


ENTITIES = "".join(f"&#{ord(sign)};" for sign in NUMBER)
table("a.txt", {
    "a line": lambda: f"tide\n{SAYS}\n".encode(),
    "a line of UTF-16": lambda: f"tide\n{SAYS}\n".encode("utf-16"),
    "a line that CR ends": lambda: f"tide\r{SAYS}\r".encode(),
    "full-width digits": lambda: f"{KEYWORD} {NUMBER}\n".translate({48 + at: 0xff10 + at for at in range(10)}).encode(),
    "signs without a width": lambda: f"{KEYWORD} 4539\u200b1488\u00ad0343\u20606467\n".encode(),
    "groups": lambda: f"{KEYWORD} 4539-1488-0343-6467\n".encode(),
    "digits of another script": lambda: f"{KEYWORD} {NUMBER}\n".translate({48 + at: 0x660 + at for at in range(10)}).encode(),
    "digits that are struck through": lambda: (KEYWORD + " " + "\u0336".join(NUMBER) + "\n").encode(),
})
table("a.csv", {
    "a column by its name": lambda: f"id,{KEYWORD}\n1,{NUMBER}\n2,\n".encode(),
    "a field": lambda: f"id,note\n1,{SAYS}\n".encode(),
    "a field in quotes": lambda: f"id,note\n1,\"a, \"\"{SAYS}\"\"\"\n".encode(),
    "a field of two lines": lambda: f"id,note\n1,\"{KEYWORD}\n{NUMBER}\"\n".encode(),
    "a column's name": lambda: f"id,{SAYS}\n1,2\n".encode(),
    "a column, apart by semicolons": lambda: f"id;{KEYWORD}\n1;{NUMBER}\n".encode(),
    "a column behind sep=": lambda: f"sep=;\nid;{KEYWORD}\n1;{NUMBER}\n".encode(),
    "a column of UTF-16": lambda: f"id,{KEYWORD}\n1,{NUMBER}\n".encode("utf-16"),
})
table("a.tsv", {"a column by its name": lambda: f"id\t{KEYWORD}\n1\t{NUMBER}\n".encode()})
table("a.psv", {"a column by its name": lambda: f"id|{KEYWORD}\n1|{NUMBER}\n".encode()})
table("a.json", {
    "a value": lambda: f"{{\"a\": \"{SAYS}\"}}".encode(),
    "a number by its name": lambda: f"{{\"{KEYWORD}\": {NUMBER}}}".encode(),
    "a number by a name above": lambda: f"{{\"{KEYWORD}\": {{\"a\": [[{NUMBER}]]}}}}".encode(),
    "a name": lambda: f"{{\"{SAYS}\": 1}}".encode(),
    "escapes": lambda: ("{\"a\": \"" + "".join(f"\\u{ord(sign):04x}" for sign in SAYS) + "\"}").encode(),
    "a value alone": lambda: f"\"{SAYS}\"".encode(),
    "a value a line": lambda: f"{{\"a\": 1}}\n{{\"a\": \"{SAYS}\"}}\n".encode(),
})
table("a.ndjson", {"a value": lambda: f"{{\"a\": 1}}\n{{\"a\": \"{SAYS}\"}}\n".encode()})
table("a.xml", {
    "text": lambda: document(SAYS),
    "text by an element's name": lambda: document(f"<card_number>{NUMBER}</card_number>"),
    "an attribute": lambda: document(f"<b c=\"{SAYS}\"/>"),
    "an attribute by its name": lambda: document(f"<b card_number=\"{NUMBER}\"/>"),
    "characters by number": lambda: document(f"{KEYWORD} {ENTITIES}"),
    "CDATA": lambda: document(f"<![CDATA[{SAYS}]]>"),
    "half of it in CDATA": lambda: document(f"{KEYWORD} 45391488<![CDATA[03436467]]>"),
    "a comment": lambda: document(f"<!-- {SAYS} -->"),
    "a comment before the root": lambda: document(head=f"<!-- {SAYS} -->"),
    "a comment behind the root": lambda: document(tail=f"<!-- {SAYS} -->"),
    "a number around a comment": lambda: document(f"{KEYWORD} 45391488<!-- x -->03436467"),
    "a number around an element": lambda: document(f"{KEYWORD} 45391488<b/>03436467"),
    "a number of emphasised digits": lambda: document(f"{KEYWORD} 4539<b>1488</b>0343<b>6467</b>"),
    "spans": lambda: document(f"<p>{KEYWORD} <tspan>45391488</tspan><tspan>03436467</tspan></p>"),
    "a parameter entity": lambda: document(
        f"{KEYWORD} 45391488&e;", doctype="<!DOCTYPE a [<!ENTITY % p \"<!ENTITY e '03436467'>\"> %p;]>"),
    "an instruction": lambda: document(f"<?card {SAYS}?>"),
    "an instruction's name has the keyword": lambda: document(f"<?card-number {NUMBER}?>"),
    "an instruction behind the root": lambda: document(tail=f"<?a {SAYS}?>"),
    "an entity that is used": lambda: document("&e;", doctype=f"<!DOCTYPE a [<!ENTITY e \"{SAYS}\">]>"),
    "half of it in an entity": lambda: document(
        f"{KEYWORD} 45391488&e;", doctype="<!DOCTYPE a [<!ENTITY e \"03436467\">]>"),
    "an entity that is not used": lambda: document(doctype=f"<!DOCTYPE a [<!ENTITY e \"{SAYS}\">]>"),
    "the default of an attribute": lambda: document(
        doctype=f"<!DOCTYPE a [<!ATTLIST a b CDATA \"{SAYS}\">]>"),
    "a comment of the document type": lambda: document(doctype=f"<!DOCTYPE a [<!-- {SAYS} -->]>"),
    "an instruction of the document type": lambda: document(doctype=f"<!DOCTYPE a [<?a {SAYS}?>]>"),
    "the name of an external entity": lambda: document(doctype=f"<!DOCTYPE a SYSTEM \"{SAYS}\">"),
    "a notation": lambda: document(doctype=f"<!DOCTYPE a [<!NOTATION n PUBLIC \"{SAYS}\">]>"),
    "Latin-1": lambda: document(f"é {SAYS}", encoding="ISO-8859-1"),
    "Shift_JIS": lambda: document(f"潮 {SAYS}", encoding="Shift_JIS"),
    "a name space": lambda: document(f"<b xmlns:c=\"{SAYS.replace(' ', '_')}\"/>"),
})


# Avro and Parquet.

def avro(field="string", value="tide", name="a", codec="null", metadata=None, **of):
    schema = {"type": "record", "name": "r", "fields": [{"name": name, "type": field, **of}]}
    out = io.BytesIO()
    fastavro.writer(out, schema, [{name: value}], codec=codec, metadata=metadata or {})
    return out.getvalue()


WORDS = SAYS.replace(" ", "_")
table("a.avro", {
    "a string": lambda: avro(value=SAYS),
    "a string of each codec: deflate": lambda: avro(value=SAYS, codec="deflate"),
    "a string of each codec: snappy": lambda: avro(value=SAYS, codec="snappy"),
    "a string of each codec: zstandard": lambda: avro(value=SAYS, codec="zstandard"),
    "a string of each codec: bzip2": lambda: avro(value=SAYS, codec="bzip2"),
    "a string of each codec: xz": lambda: avro(value=SAYS, codec="xz"),
    "a number by its name": lambda: avro("long", int(NUMBER), "card_number"),
    "a number by an alias": lambda: avro("long", int(NUMBER), aliases=["card_number"]),
    "bytes": lambda: avro("bytes", SAYS.encode()),
    "fixed bytes": lambda: avro({"type": "fixed", "name": "f", "size": len(SAYS)}, SAYS.encode()),
    "a symbol": lambda: avro({"type": "enum", "name": "e", "symbols": ["tide", WORDS]}, WORDS),
    "a symbol that no record has": lambda: avro({"type": "enum", "name": "e", "symbols": ["tide", WORDS]}),
    "a key of a map": lambda: avro({"type": "map", "values": "int"}, {SAYS: 1}),
    "a value of a map by its key": lambda: avro({"type": "map", "values": "string"}, {"card number": NUMBER}),
    "an item of an array": lambda: avro({"type": "array", "items": "string"}, ["tide", SAYS]),
    "a union": lambda: avro(["null", "string"], SAYS),
    "a decimal": lambda: avro({"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 0},
                              decimal.Decimal(NUMBER), "card_number"),
    "what is said of a field": lambda: avro(doc=SAYS),
    "the default of a field": lambda: avro(default=SAYS),
    "an own entry of a field": lambda: avro(card=SAYS),
    "a field's name": lambda: avro(name=WORDS),
    "metadata": lambda: avro(metadata={"note": SAYS}),
    "metadata by its key": lambda: avro(metadata={"card number": NUMBER}),
    "a key of the metadata": lambda: avro(metadata={SAYS: "tide"}),
})


def parquet(values=("tide",), kind=None, name="a", notes=None, field=None, **of):
    array = pyarrow.array(list(values), kind)
    schema = pyarrow.schema([pyarrow.field(name, array.type, metadata=field)], notes)
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays([array], schema=schema), out, **of)
    return out.getvalue()


def footers():
    """Two small files, of which the second has Arrow's schema, too: their footers have no checksum."""
    names = ["id", "name", "price", "day", "at"]
    values = [[1, 2], ["Saltmere", "Eastvale"], [decimal.Decimal("1.50"), None], [None, datetime.date(2026, 11, 29)],
              [datetime.datetime(2026, 11, 29, 12), None]]
    for stored in (False, True):
        out = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table(dict(zip(names, values))), out, store_schema=stored)
        yield out.getvalue()


def with_gap_of_parquet():
    """Text between the last column and the footer."""
    plain = parquet()
    footer = int.from_bytes(plain[-8:-4], "little") + 8
    return plain[:-footer] + SAYS.encode() + plain[-footer:]


def replaced(data, old, new):
    assert len(old) == len(new) and old in data
    return data.replace(old, new)


CREATED = b"parquet-cpp-arrow version "
table("a.parquet", {
    "a string": lambda: parquet([SAYS]),
    "a string without a dictionary": lambda: parquet([SAYS], use_dictionary=False),
    "a string by its column's name": lambda: parquet([NUMBER], name="card_number"),
    "a number by its column's name": lambda: parquet([int(NUMBER)], name="card_number"),
    "a decimal by its column's name": lambda: parquet(
        [decimal.Decimal(NUMBER)], pyarrow.decimal128(20, 0), name="card_number"),
    "a float by its column's name": lambda: parquet([float(NUMBER)], name="card_number"),
    "bytes": lambda: parquet([SAYS.encode()], pyarrow.binary()),
    "fixed bytes": lambda: parquet([SAYS.encode()], pyarrow.binary(len(SAYS))),
    "an item of a list": lambda: parquet([["tide", SAYS]]),
    "a field of a structure": lambda: parquet([{"card_number": NUMBER}]),
    "a key of a map": lambda: parquet([[(SAYS, 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
    "a value of a map": lambda: parquet([[("card number", NUMBER)]], pyarrow.map_(pyarrow.string(), pyarrow.string())),
    "a value of a map by its key alone": lambda: parquet(
        [[("card number", NUMBER), ("b", "tide")]], pyarrow.map_(pyarrow.string(), pyarrow.string()), write_statistics=False
    ),
    "a page of the second kind": lambda: parquet([SAYS], data_page_version="2.0"),
    "a string of each codec: gzip": lambda: parquet([SAYS], compression="gzip"),
    "a string of each codec: zstd": lambda: parquet([SAYS], compression="zstd"),
    "a string of each codec: lz4": lambda: parquet([SAYS], compression="lz4"),
    "a string of each codec: brotli": lambda: parquet([SAYS], compression="brotli"),
    "a string as delta bytes": lambda: parquet([SAYS], use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY"),
    "a column's name": lambda: parquet(name=SAYS),
    "metadata": lambda: parquet(notes={"note": SAYS}),
    "metadata by its key": lambda: parquet(notes={"card number": NUMBER}),
    "a key of the metadata": lambda: parquet(notes={SAYS: "tide"}),
    "metadata of a column": lambda: parquet(field={"note": SAYS}),
    "the name of the writer": lambda: replaced(parquet(), CREATED, b"card " + NUMBER.encode() + b"  .. "),
    "between the columns and the footer": with_gap_of_parquet,
    "a column index": lambda: parquet([SAYS], write_page_index=True),
})


# Office.

def with_parts(data, changed):
    """The package with these parts changed, by what is made of their text, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            change = changed.pop(name, None)
            if callable(change):
                after = change(body.decode())
                assert after != body.decode(), name
                body = after.encode()
            new.writestr(name, body)
        for name, body in changed.items():
            new.writestr(name, body)
    return out.getvalue()


def book(change=lambda sheet, book: None):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet["A1"] = "tide"
    change(sheet, made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def having(*assignments):
    """Cells: a place and a value each."""
    def change(sheet, book):
        for cell, value in zip(assignments[::2], assignments[1::2]):
            sheet[cell] = value
    return lambda: book(change)


def far(*names):
    """A table whose column has its name far above the number."""
    def change(sheet, book):
        for row in [*names, ["id", KEYWORD], *[["x", "filler"]] * 9, ["y", NUMBER]]:
            sheet.append(row)
    return book(change)


def renamed(data, old, new):
    """The package with a part in another place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other:
        for name in file.namelist():
            body = file.read(name)
            if name.endswith(".rels") or name == "[Content_Types].xml":
                body = body.replace(f"/xl/{old}".encode(), f"/xl/{new}".encode()).replace(old.encode(), new.encode())
            other.writestr(name.replace(f"xl/{old}", f"xl/{new}"), body)
    return out.getvalue()


def sheet_of(state):
    def change(sheet, book):
        other = book.create_sheet("b")
        other["A1"] = SAYS
        other.sheet_state = state
    return lambda: book(change)


def doing(do):
    return lambda: book(do)


def comment(sheet, book):
    sheet["A1"].comment = openpyxl.comments.Comment(SAYS, "a")


def commentator(sheet, book):
    sheet["A1"].comment = openpyxl.comments.Comment("tide", SAYS)


def defined(sheet, book):
    book.defined_names["a"] = openpyxl.workbook.defined_name.DefinedName("a", attr_text=f"\"{SAYS}\"")


def titled(**of):
    def change(sheet, book):
        for key, value in of.items():
            setattr(book.properties, key, value)
    return lambda: book(change)


def custom(sheet, book):
    book.custom_doc_props.append(openpyxl.packaging.custom.StringProperty(name="a", value=SAYS))


def custom_name(sheet, book):
    book.custom_doc_props.append(openpyxl.packaging.custom.StringProperty(name=KEYWORD, value=NUMBER))


def validated(sheet, book):
    rule = openpyxl.worksheet.datavalidation.DataValidation(type="list", formula1=f"\"{SAYS}\"")
    sheet.add_data_validation(rule)
    rule.add("A1")


def prompted(sheet, book):
    rule = openpyxl.worksheet.datavalidation.DataValidation(type="whole", prompt=SAYS, formula1="1")
    sheet.add_data_validation(rule)
    rule.add("A1")


def linked(sheet, book):
    sheet["A1"].hyperlink = f"http://a/{SAYS.replace(' ', '_')}"


def tip(sheet, book):
    sheet["A1"].hyperlink = "http://a/"
    sheet["A1"].hyperlink.tooltip = SAYS


def charted(sheet, book):
    chart = openpyxl.chart.BarChart()
    chart.title = SAYS
    sheet.add_chart(chart)


def hidden(sheet, book):
    sheet["B2"] = SAYS
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[2].hidden = True


def setting(part, name, value):
    def change(sheet, book):
        setattr(getattr(sheet, part), name, value)
    return lambda: book(change)


def headed(sheet, book):
    sheet.oddHeader.center.text = SAYS


def footed(sheet, book):
    sheet.oddFooter.left.text = SAYS


def named(sheet, book):
    sheet.title = SHORT


def numbered(sheet, book):
    sheet["A1"].number_format = f"0 \"{SAYS}\""


INLINE = "<c r=\"B1\" t=\"inlineStr\"><is><t>%s</t></is></c></row>" % SAYS
RICH = "<si><r><t>%s 45391488</t></r><r><rPr><b/></rPr><t>03436467</t></r></si>" % KEYWORD
PHONETIC = "<si><t>tide</t><rPh sb=\"0\" eb=\"1\"><t>%s</t></rPh></si>" % SAYS
SHEET = "xl/worksheets/sheet1.xml"


def in_row(cell):
    return lambda: with_parts(book(), {SHEET: lambda text: text.replace("</row>", cell)})


def in_strings(item, cell="<c r=\"B1\" t=\"s\"><v>0</v></c></row>"):
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    strings = f"<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">{item}</sst>"
    return lambda: typed(in_row(cell)() if cell else book(), "xl/sharedStrings.xml", content, strings)


def typed(data, name, content, body):
    """A part of a type that its name alone says."""
    entry = f"<Override PartName=\"/{name}\" ContentType=\"{content}\"/></Types>"
    return with_parts(data, {"[Content_Types].xml": lambda text: text.replace("</Types>", entry), name: body})


table("a.xlsx", {
    "a cell": having("A1", SAYS),
    "a number by its column": having("A1", KEYWORD, "A2", int(NUMBER)),
    "a text by its column": having("A1", KEYWORD, "A2", NUMBER),
    "a keyword in the cell before": having("A2", KEYWORD, "B2", NUMBER),
    "a column of a sheet in another place": lambda: renamed(far(), "worksheets/sheet1.xml", "tabs/one.xml"),
    "an escape": in_strings(f"<si><t>{KEYWORD} _x0034_{NUMBER[1:]}</t></si>"),
    "an inline string": in_row(INLINE),
    "a shared string": in_strings(f"<si><t>{SAYS}</t></si>"),
    "a shared string that no cell shows": in_strings(f"<si><t>{SAYS}</t></si>", ""),
    "a shared string by its column": lambda: with_parts(
        in_strings(f"<si><t>{KEYWORD}</t></si><si><t>{NUMBER}</t></si>", "")(), {SHEET: lambda text: text.replace(
            "</row>", "<c r=\"B1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"B2\" t=\"s\"><v>1</v></c></row>")}),
    "a text in runs": in_strings(RICH),
    "how a text is read": in_strings(PHONETIC),
    "a formula": having("A1", f"=\"{SAYS}\""),
    "what a formula gives": in_row(f"<c r=\"B1\" t=\"str\"><f>A1</f><v>{SAYS}</v></c></row>"),
    "a hidden sheet": sheet_of("hidden"),
    "a very hidden sheet": sheet_of("veryHidden"),
    "a hidden column and row": doing(hidden),
    "a sheet's title": doing(named),
    "a comment": doing(comment),
    "a commentator": doing(commentator),
    "a defined name": doing(defined),
    "the title": titled(title=SAYS),
    "the creator": titled(creator=SAYS),
    "the keywords": titled(keywords=SAYS),
    "an own property": doing(custom),
    "an own property by its name": doing(custom_name),
    "the list of a choice": doing(validated),
    "the prompt of a choice": doing(prompted),
    "the aim of a link": doing(linked),
    "the tip of a link": doing(tip),
    "the title of a chart": doing(charted),
    "the header of the print": doing(headed),
    "the footer of the print": doing(footed),
    "the format of a number": doing(numbered),
    "a picture that is none": lambda: with_parts(book(), {"xl/media/image1.png": SAYS}),
    "a font that is none": lambda: with_parts(book(), {"xl/fonts/font1.odttf": SAYS}),
    "settings of a printer": lambda: with_parts(book(), {"xl/printerSettings/printerSettings1.bin": SAYS.encode()}),
    "settings of a printer that are an archive": lambda: with_parts(
        book(), {"xl/printerSettings/printerSettings1.bin": zipped("tides.txt", SAYS.encode())}),
    "a property that is gzip": lambda: with_parts(book(), {"xl/customProperty1.bin": gzip.compress(SAYS.encode())}),
    "what was deleted and is gzip": lambda: with_parts(book(), {"[trash]/0000.dat": gzip.compress(SAYS.encode())}),
    "settings of a printer, UTF-16": lambda: with_parts(
        book(), {"xl/printerSettings/printerSettings1.bin": SAYS.encode("utf-16-le")}),
    "a comment of XML": lambda: with_parts(
        book(), {"xl/workbook.xml": lambda text: text.replace("</workbook>", f"<!-- {SAYS} --></workbook>")}),
    "custom XML": lambda: with_parts(book(), {"customXml/item1.xml": f"<a>{SAYS}</a>"}),
    "a part that nothing names": lambda: with_parts(book(), {"xl/extra.xml": f"<a>{SAYS}</a>"}),
    "a workbook inside": lambda: with_parts(book(), {"xl/embeddings/a.xlsx": having("A1", SAYS)()}),
    "the company": lambda: with_parts(
        book(), {"docProps/app.xml": lambda text: text.replace("</Properties>", f"<Company>{SAYS}</Company></Properties>")}),
    "the comment of the zip": lambda: commented(book()),
    "the name of a part": lambda: with_parts(book(), {f"xl/{SAYS}.xml": "<a/>"}),
})


def commented(data):
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as file:
        file.comment = SAYS.encode()
    return out.getvalue()


def letter(change=lambda document: document.add_paragraph("tide")):
    document = docx.Document()
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def run_of(*texts):
    def change(document):
        paragraph = document.add_paragraph()
        for at, text in enumerate(texts):
            paragraph.add_run(text).bold = bool(at % 2)
    return lambda: letter(change)


def to(do):
    return lambda: letter(do)


def cells(document):
    row = document.add_table(1, 2).rows[0]
    row.cells[0].text, row.cells[1].text = KEYWORD, NUMBER


def column(document):
    rows = document.add_table(2, 1).rows
    rows[0].cells[0].text, rows[1].cells[0].text = KEYWORD, NUMBER


def nested(document):
    document.add_table(1, 1).cell(0, 0).add_table(1, 1).cell(0, 0).text = SAYS


def header(document):
    document.sections[0].header.paragraphs[0].text = SAYS


def footer(document):
    document.sections[0].footer.paragraphs[0].text = SAYS


def remark(document):
    document.add_comment(document.add_paragraph().add_run("tide"), SAYS, author="a")


def remarked(document):
    document.add_comment(document.add_paragraph().add_run("tide"), "tide", author=SAYS)


def vanished(document):
    document.add_paragraph().add_run(SAYS).font.hidden = True


def core(name):
    return to(lambda document: setattr(document.core_properties, name, SAYS))


def styled(document):
    document.styles.add_style(SAYS, 1)


DOCUMENT = "word/document.xml"


def in_body(markup):
    return lambda: with_parts(letter(), {DOCUMENT: lambda text: text.replace("<w:body>", f"<w:body>{markup}")})


def note(kind):
    xmlns = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
    body = f"<w:{kind}s {xmlns}><w:{kind}><w:p><w:r><w:t>{SAYS}</w:t></w:r></w:p></w:{kind}></w:{kind}s>"
    content = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml"
    return lambda: typed(letter(), f"word/{kind}s.xml", content, body)


def words(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


BOX = ("<w:r><w:pict><v:shape xmlns:v=\"urn:schemas-microsoft-com:vml\"><v:textbox><w:txbxContent>"
       f"{words('tide')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>")


def between(markup, end="<w:r><w:t>03436467</w:t></w:r>"):
    return in_body(f"<w:p><w:r><w:t>{KEYWORD} 45391488</w:t></w:r>{markup}{end}</w:p>")


table("a.docx", {
    "a paragraph": run_of(SAYS),
    "a paragraph in runs": run_of(f"{KEYWORD} 4539", "1488", "0343", "6467"),
    "a keyword in a run, the number in the next": run_of(KEYWORD, " ", NUMBER),
    "a paragraph in runs of a digit": run_of(KEYWORD, " ", *NUMBER),
    "a number with proofing marks": in_body(
        f"<w:p><w:r><w:t>{KEYWORD} 45391488</w:t></w:r><w:proofErr w:type=\"spellStart\"/>"
        "<w:r><w:t>03436467</w:t></w:r></w:p>"),
    "a number around a bookmark": in_body(
        f"<w:p><w:r><w:t>{KEYWORD} 45391488</w:t></w:r><w:bookmarkStart w:id=\"0\" w:name=\"a\"/>"
        "<w:bookmarkEnd w:id=\"0\"/><w:r><w:t>03436467</w:t></w:r></w:p>"),
    "a number around the code of a field": between("<w:r><w:instrText>TIDE</w:instrText></w:r>"),
    "a number around a text box": between(BOX),
    "a number around hidden text": between("<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>"),
    "a number around moved text": between("<w:moveFrom w:id=\"1\" w:author=\"a\"><w:r><w:t>x</w:t></w:r></w:moveFrom>"),
    "a number around a long name": between(f"<w:bookmarkStart w:id=\"0\" w:name=\"{'tide ' * 300_000}\"/>"),
    "symbols": between(f"<w:r>{''.join(f'<w:sym w:font=%sArial%s w:char=%sF03{sign}%s/>' % (4 * (chr(34),)) for sign in '03436467')}</w:r>", ""),
    "cells of a row": to(cells),
    "cells of a column": to(column),
    "a table in a table": to(nested),
    "the header": to(header),
    "the footer": to(footer),
    "a footnote": note("footnote"),
    "an endnote": note("endnote"),
    "a comment": to(remark),
    "a commentator": to(remarked),
    "hidden text": to(vanished),
    "deleted text": in_body(
        f"<w:p><w:del w:id=\"1\" w:author=\"a\"><w:r><w:delText>{SAYS}</w:delText></w:r></w:del></w:p>"),
    "the author of a change": in_body(
        f"<w:p><w:ins w:id=\"1\" w:author=\"{SAYS}\"><w:r><w:t>tide</w:t></w:r></w:ins></w:p>"),
    "a text box": in_body(
        "<w:p><w:r><w:pict><v:shape xmlns:v=\"urn:schemas-microsoft-com:vml\"><v:textbox><w:txbxContent>"
        f"{words(SAYS)}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"),
    "a field's instruction": in_body(f"<w:p><w:r><w:instrText>QUOTE \"{SAYS}\"</w:instrText></w:r></w:p>"),
    "a simple field": in_body(f"<w:p><w:fldSimple w:instr=\"QUOTE {SAYS}\"/></w:p>"),
    "a bookmark's name": in_body(f"<w:p><w:bookmarkStart w:id=\"0\" w:name=\"{SAYS}\"/></w:p>"),
    "the alias of a control": in_body(
        f"<w:sdt><w:sdtPr><w:alias w:val=\"{SAYS}\"/></w:sdtPr><w:sdtContent>{words('a')}</w:sdtContent></w:sdt>"),
    "the content of a control": in_body(f"<w:sdt><w:sdtContent>{words(SAYS)}</w:sdtContent></w:sdt>"),
    "the title": core("title"),
    "the keywords": core("keywords"),
    "the author": core("author"),
    "an own property": lambda: with_parts(letter(), {"docProps/custom.xml": f"<a>{SAYS}</a>"}),
    "an own property by its name": lambda: with_parts(
        letter(), {"docProps/custom.xml": f"<a><property name=\"{KEYWORD}\"><v>{NUMBER}</v></property></a>"}),
    "a variable": lambda: with_parts(letter(), {"word/settings.xml": lambda text: text.replace(
        "</w:settings>", f"<w:docVars><w:docVar w:name=\"a\" w:val=\"{SAYS}\"/></w:docVars></w:settings>")}),
    "a style's name": to(styled),
    "custom XML": lambda: with_parts(letter(), {"customXml/item9.xml": f"<a>{SAYS}</a>"}),
    "the aim of a link": lambda: with_parts(letter(), {"word/_rels/document.xml.rels": lambda text: text.replace(
        "</Relationships>", f"<Relationship Id=\"rId99\" Type=\"a\" TargetMode=\"External\" Target=\"http://a/?{SAYS}\"/>"
                            "</Relationships>")}),
    "a picture that is none": lambda: with_parts(letter(), {"word/media/image1.png": SAYS}),
    "a picture with text behind its end": lambda: with_parts(
        letter(), {"word/media/image1.png": PIXEL + SAYS.encode()}),
    "a picture with text in it": lambda: with_parts(letter(), {"word/media/image1.png": remarked_pixel()}),
    "an archive behind a picture": lambda: with_parts(letter(), {"word/media/image1.png": PIXEL + zipped()}),
    "gzip behind a picture": lambda: with_parts(letter(), {"word/media/image1.png": PIXEL + gzip.compress(SAYS.encode())}),
    "packed text in a picture": lambda: with_parts(letter(), {"word/media/image1.png": picture(
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SAYS.encode())))}),
    "packed international text in a picture": lambda: with_parts(letter(), {"word/media/image1.png": picture(
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(SAYS.encode())))}),
    "gzip behind the mark of a sound": lambda: with_parts(
        letter(), {"word/media/media1.bin": b"\xff\xfb" + gzip.compress(SAYS.encode())}),
    "an archive behind the mark of a font": lambda: with_parts(
        letter(), {"word/fonts/font1.ttf": b"\0\1\0\0\0" + zipped()}),
    "a font that is none": lambda: with_parts(letter(), {"word/fonts/font1.odttf": SAYS}),
    "a workbook inside": lambda: with_parts(letter(), {"word/embeddings/a.xlsx": having("A1", SAYS)()}),
    "text inside": lambda: with_parts(letter(), {"word/embeddings/a.txt": SAYS}),
    "HTML inside": lambda: with_parts(letter(), {"word/afchunk.htm": f"<p>{SAYS}</p>"}),
    "the comment of the zip": lambda: commented(letter()),
})


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(*more):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


PIXEL = picture()


def remarked_pixel():
    return picture(chunk(b"tEXt", b"Comment\0" + SAYS.encode()))
