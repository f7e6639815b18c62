"""Asks the readers that people use what they see in a file.

A request is a line of JSON on the standard input, its answer a line on the standard output:

    {"do": "plant", "folder": …}            makes the files of places.py there -> {"places": [{"what", "name"}]}
    {"do": "footers"}                       makes two Parquet files, of base64 -> {"files"}
    {"do": "read", "path": …, "name": …, "format": …} -> {"readers": {reader: {"text", "broken"}}}

`text` is what the reader shows, `broken` why it shows nothing more. A reader that is missing, or that
cannot do what the file needs, is left out.
"""

import base64, csv, gzip, io, json, os, shutil, subprocess, sys, tarfile, tempfile, zipfile

import docx
import fastavro
import lxml.etree
import openpyxl
import pyarrow.parquet
import pypdfium2

import places

DEEPEST = 3
CANNOT = (NotImplementedError, RecursionError, MemoryError, ModuleNotFoundError)


def run(tool, *arguments, broken=lambda code: code != 0):
    """What a program prints."""
    if not shutil.which(tool):
        raise NotImplementedError(tool)
    done = subprocess.run([tool, *arguments], capture_output=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
    text = done.stdout.decode("utf-8", "replace")
    return text, (f"{tool}: {done.returncode} {done.stderr[-200:]!r}" if broken(done.returncode) else None)


def strings(value):
    """All that a value shows to a person, one a line."""
    if isinstance(value, dict):
        return "\n".join(f"{key}: {strings(each)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return "\n".join(map(strings, value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def pdftotext(path, data, depth):
    text, broken = run("pdftotext", path, "-")
    return text + run("pdfinfo", path)[0], broken


def pdfium(path, data, depth):
    pdf = pypdfium2.PdfDocument(data)
    try:
        pdf.init_forms()
        texts = [page.get_textpage().get_text_bounded() for page in pdf]
        texts += [f"{key}: {value}" for key, value in pdf.get_metadata_dict().items()]
        texts += [item.get_title() for item in pdf.get_toc()]
        for number in range(pdf.count_attachments()):
            attachment = pdf.get_attachment(number)
            texts.append(attachment.get_name() + ": " + strings(bytes(attachment.get_data())))
        return "\n".join(texts), None
    finally:
        pdf.close()


def arrow(path, data, depth):
    file = pyarrow.parquet.ParquetFile(io.BytesIO(data), page_checksum_verification=True)
    notes = strings(file.metadata.metadata or {}) + f"\n{file.metadata.created_by}\n{file.schema}"
    return notes + "\n" + strings(file.read().to_pylist()), None


def avro(path, data, depth):
    file = fastavro.reader(io.BytesIO(data))
    return strings(file.metadata) + "\n" + "\n".join(map(strings, file)), None


def unzip(path, data, depth):
    # Methods that it does not know, and passwords.
    text, broken = run("unzip", "-tqq", path, broken=lambda code: code > 1)
    if broken and any(code in broken for code in (": 81 ", ": 82 ")):
        raise NotImplementedError(broken)
    return run("zipinfo", "-v", path)[0] + run("unzip", "-z", path)[0], broken


def python_zip(path, data, depth):
    texts = []
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        texts.append(strings(file.comment))
        for member in file.infolist():
            texts += [member.filename, strings(member.comment), strings(member.extra)]
            if not member.is_dir():
                texts += within(member.filename, file.read(member), depth)
    return "\n".join(texts), None


def tar(path, data, depth):
    return run("tar", "-tvf", path)


def python_tar(path, data, depth):
    texts = []
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        for member in file:
            texts += [member.name, member.linkname, member.uname, member.gname, strings(member.pax_headers)]
            if member.isfile():
                texts += within(member.name, file.extractfile(member).read(), depth)
        texts.append(strings(file.pax_headers))
    return "\n".join(texts), None


def gzip_list(path, data, depth):
    return run("gzip", "-lN", path)[0], run("gzip", "-t", path)[1]


def python_gzip(path, data, depth):
    name = os.path.basename(path)
    inner = name[:-4] + ".tar" if name.endswith(".tgz") else name.removesuffix(".gz")
    return "\n".join(within(inner, gzip.decompress(data), depth)), None


def xmllint(path, data, depth):
    return "", run("xmllint", "--noout", "--nonet", "--huge", path)[1]


def lxml_text(path, data, depth):
    parser = lxml.etree.XMLParser(no_network=True, huge_tree=True, resolve_entities=True)
    root = lxml.etree.fromstring(data, parser).getroottree()
    texts = ["".join(root.getroot().itertext(lxml.etree.Element))]
    for node in [*root.getroot().itersiblings(preceding=True), *root.iter(), *root.getroot().itersiblings()]:
        texts += [f"{key}: {value}" for key, value in node.attrib.items()]
        if not isinstance(node.tag, str):
            texts.append(node.text or "")
    if root.docinfo.internalDTD is not None:
        texts += [entity.content or "" for entity in root.docinfo.internalDTD.iterentities()]
    return "\n".join(texts), None


def python_json(path, data, depth):
    text = data.decode(encoding(data))
    try:
        return strings(json.loads(text)), None
    except json.JSONDecodeError:
        # One value a line where there is more than one.
        return "\n".join(strings(json.loads(line)) for line in text.splitlines() if line.strip()), None


def python_csv(path, data, depth):
    text = data.decode(encoding(data))
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    if first.strip().startswith("sep="):
        delimiter, text = first.strip()[4:5], text.split("\n", 1)[1]
    csv.field_size_limit(sys.maxsize)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    names = rows[0] if rows else []
    table = [": ".join([*names[at:at + 1], field]) for row in rows[1:] for at, field in enumerate(row)]
    return "\n".join([*names, *table]), None


def python_text(path, data, depth):
    return data.decode(encoding(data)), None


def encoding(data):
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def excel(path, data, depth):
    book = openpyxl.load_workbook(io.BytesIO(data), rich_text=True)
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    texts = [strings({key: value for key, value in vars(book.properties).items() if value})]
    texts += [f"{each.name}: {each.value}" for each in book.custom_doc_props.props]
    texts += [f"{name}: {each.attr_text}" for name, each in book.defined_names.items()]
    for one, other in zip(book.worksheets, values.worksheets):
        texts.append(one.title)
        heads = {}
        for sheet in (one, other):
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        head = heads.setdefault(cell.column, cell.value)
                        texts.append(f"{head}: {cell.value}")
                    if cell.comment:
                        texts.append(f"{cell.comment.author}: {cell.comment.text}")
                    if cell.hyperlink:
                        texts += [cell.hyperlink.target or "", cell.hyperlink.tooltip or ""]
        for part in (one.oddHeader, one.oddFooter):
            texts += [each.text or "" for each in (part.left, part.center, part.right)]
        for rule in one.data_validations.dataValidation:
            texts += [rule.prompt or "", rule.error or "", rule.formula1 or ""]
    return "\n".join(texts), None


def word(path, data, depth):
    document = docx.Document(io.BytesIO(data))
    core = document.core_properties
    names = "author category comments content_status identifier keywords language last_modified_by subject title version"
    texts = [f"{name}: {getattr(core, name)}" for name in names.split()]

    def block(part):
        texts.extend(paragraph.text for paragraph in part.paragraphs)
        for table in part.tables:
            for row in table.rows:
                for cell in row.cells:
                    block(cell)

    block(document)
    for section in document.sections:
        for part in (section.header, section.footer, section.first_page_header, section.even_page_header):
            block(part)
    for comment in document.comments:
        texts += [comment.author, comment.text]
    texts += [style.name or "" for style in document.styles]
    return "\n".join(texts), None


READERS = {
    "pdf": [pdftotext, pdfium],
    "parquet": [arrow],
    "avro": [avro],
    "zip": [unzip, python_zip],
    "xlsx": [unzip, excel],
    "docx": [unzip, word],
    "tar": [tar, python_tar],
    "gzip": [gzip_list, python_gzip],
    "xml": [xmllint, lxml_text],
    "json": [python_json],
    "ndjson": [python_json],
    "csv": [python_csv],
    "tsv": [python_csv],
    "psv": [python_csv],
    "text": [python_text],
}
FORMATS = {"gz": "gzip", "tgz": "gzip", "txt": "text"}


def ask(path, format, data, depth=0):
    """What each reader of a format says of a file."""
    answers = {}
    for reader in READERS.get(format, []):
        try:
            text, broken = reader(path, data, depth)
        except CANNOT:
            continue
        except Exception as error:
            # Codecs that a reader lacks; texts that are not UTF-8 are broken.
            if not isinstance(error, UnicodeError) and "codec" in str(error) or "not supported" in str(error).lower():
                continue
            text, broken = "", f"{type(error).__name__}: {error}"[:300]
        # Halves of characters, which JSON may write alone, are none.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        answers[reader.__name__] = {"text": text, "broken": broken}
    return answers


def within(name, data, depth):
    """The texts of a member."""
    extension = name.rsplit(".", 1)[-1].lower()
    format = FORMATS.get(extension, extension)
    if format not in READERS or depth >= DEEPEST:
        return [strings(data)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, os.path.basename(name) or "a")
        with open(path, "wb") as file:
            file.write(data)
        return [answer["text"] for answer in ask(path, format, data, depth + 1).values()] or [strings(data)]


def answer(request):
    if request["do"] == "plant":
        made = []
        for what, name, data in places.made():
            path = os.path.join(request["folder"], f"{len(made):03}-{name}")
            with open(path, "wb") as file:
                file.write(data)
            made.append({"what": what, "name": name, "path": path})
        return {"places": made}
    if request["do"] == "footers":
        return {"files": [base64.b64encode(each).decode() for each in places.footers()]}
    with open(request["path"], "rb") as file:
        data = file.read()
    return {"readers": ask(request["path"], request["format"], data)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
