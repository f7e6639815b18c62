"""Makes the files in encrypted/ and their expected_pdf.json: `python3 encrypted.py` in this folder. Needs pikepdf.

Each has a page, a title, a note and an attached table with a card number each. Every value is invented.
"""

import io, json, pathlib

import pikepdf
from pikepdf import Dictionary, Encryption, Name

HERE = pathlib.Path(__file__).parent / "encrypted"
CARD = "card 4000004427083831"
cases = []


def document():
    doc = pikepdf.new()
    doc.add_blank_page(page_size=(300, 200))
    page = doc.pages[0]
    page.Contents = doc.make_stream(b"BT /F1 12 Tf 20 100 Td (" + CARD.encode() + b") Tj ET")
    page.Resources = Dictionary(Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)))
    page.Annots = doc.make_indirect([Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=CARD)])
    doc.attachments["a.csv"] = b"id,credit_card\n1,4000004427083831\n"
    with doc.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["dc:description"] = "a tide table"
    doc.trailer.Info = doc.make_indirect(Dictionary(Title=CARD))
    return doc


def case(file, cards=4, why="", packed=False, **how):
    path = HERE / file
    if not path.exists():
        how = {"owner": "owner", "user": "", **how}
        mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
        document().save(path, encryption=Encryption(**how), object_stream_mode=mode, static_id=True)
    cases.append({"file": file, "valid": cards > 0, "cards": cards, "why": why})


HERE.mkdir(exist_ok=True)
case("rc4_40.pdf", R=2, aes=False, metadata=False, why="V 1, R 2")
case("rc4_128.pdf", R=3, aes=False, metadata=False, why="V 2, R 3")
case("rc4_filter.pdf", R=4, aes=False, metadata=False, why="V 4, R 4, a crypt filter of RC4")
case("aes_128.pdf", R=4, metadata=True, why="V 4, R 4, AESV2")
case("aes_128_metadata.pdf", R=4, metadata=False, why="metadata that is not encrypted")
case("aes_256_r5.pdf", R=5, metadata=True, why="V 5, R 5, AESV3")
case("aes_256.pdf", R=6, metadata=True, why="V 5, R 6, AESV3")
case("aes_256_packed.pdf", R=6, metadata=False, packed=True, why="object streams, metadata that is not encrypted")
case("password_rc4.pdf", 0, user="secret", R=3, aes=False, metadata=False)
case("password_aes.pdf", 0, user="secret", R=4, metadata=True)
case("password_r6.pdf", 0, user="secret", R=6, metadata=True)
lines = ",\n  ".join(json.dumps(each) for each in cases)
(HERE / "expected_pdf.json").write_text('{"files": [\n  ' + lines + "\n]}\n")
