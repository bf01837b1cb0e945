#!/usr/bin/env python3
"""Small sound files of every kind for the fuzzer to begin with: `corpus/<target>/`. Needs openpyxl, xlwt and odfpy.

The targets `xlsx` and `ods` take the parts of a package, not the package; `csv` takes whole files of any kind."""

import io
import pathlib
import zipfile
from datetime import date, datetime

import odf.opendocument
import odf.style
import odf.table
import odf.text
import openpyxl
import openpyxl.styles
import xlwt

HERE = pathlib.Path(__file__).resolve().parent
HEADER = ["户号", "姓名", "公民身份号码", "出生日期", "联系电话", "住址", "备注"]
ROWS = [
    ["2000001", "赵舒莹", "210203198802141549", date(1988, 2, 14), "15103775577", "林海路1号1单元101室", None],
    ["2000001", "卢 心琳", "'21020319891123684X", datetime(2020, 5, 1, 8, 30), 13710047412, "", True],
    ["２００００２", "李晓梅", 210203198303281387, 30403.5, "0411-86543210(宅)", "a,b;c\t\"d\"\n第二行", -2.5e-7],
    ["合计", None, None, None, 3, None, False],
]


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "名册"
    sheet.append(["人员名册"])
    sheet.merge_cells("A1:G1")
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append(row)
    sheet["A1"].font = openpyxl.styles.Font(bold=True)
    sheet["D3"].number_format = "yyyy年m月d日"
    sheet["E6"] = "=SUM(E3:E5)"
    sheet["G6"] = "#N/A"
    sheet["I9"] = '=IF(A1="","",A1&"〇")'
    book.create_sheet("空表")
    return saved(book.save)


def saved(save):
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def shared():
    """The same as Excel writes it: texts in the shared strings, some with runs and phonetics, formulas shared."""
    sheet = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:D3"/><sheetData><row r="1" spans="1:4"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" s="1"><v>32187</v></c><c r="B2" t="str"><f>A1&amp;B1</f><v>ab</v></c><c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><f t="shared" ref="D2:D3" si="0">1/0</f><v>#DIV/0!</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><r><t>x</t></r><r><t xml:space="preserve"> y</t></r></is></c><c r="B3" t="d"><v>2020-01-02T03:04:05</v></c><c r="D3"><f t="shared" si="0"/><v>1e3</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells></worksheet>"""
    strings = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2" uniqueCount="2"><si><t>姓名</t></si><si><r><rPr><b/></rPr><t>身份</t></r><r><t>证号_x000D_</t></r><rPh sb="0" eb="1"><t>shen</t></rPh></si></sst>"""
    styles = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="176" applyNumberFormat="1"/></cellXfs></styleSheet>"""
    return b"\0".join(part.encode() for part in (sheet, strings, styles))


def old_workbook():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名册")
    sheet.write_merge(0, 0, 0, 6, "人员名册")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for at, row in enumerate([HEADER, *ROWS], start=1):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write(at, column, cell, day if isinstance(cell, (date, datetime)) else xlwt.Style.default_style)
    sheet.write(9, 2, xlwt.Formula("SUM(A1:A3)"))
    book.add_sheet("空表")
    return saved(book.save)


def document(repeated):
    book = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="名册")
    for row in [HEADER, *ROWS]:
        line = odf.table.TableRow()
        for cell in row:
            kind = {"valuetype": "string"}
            if isinstance(cell, bool):
                kind = {"valuetype": "boolean", "booleanvalue": "true" if cell else "false"}
            elif isinstance(cell, (int, float)):
                kind = {"valuetype": "float", "value": str(cell)}
            elif isinstance(cell, date):
                kind = {"valuetype": "date", "datevalue": cell.isoformat()}
            elif cell is None:
                kind = {}
            place = odf.table.TableCell(**kind)
            if cell is not None:
                for part in str(cell).split("\n"):
                    place.addElement(odf.text.P(text=part))
            line.addElement(place)
        if repeated:
            line.addElement(odf.table.TableCell(numbercolumnsrepeated=1017))
        table.addElement(line)
    if repeated:
        line = odf.table.TableRow(numberrowsrepeated=3)
        line.addElement(odf.table.TableCell(numbercolumnsrepeated=2, formula="of:=SUM([.A1:.A3])", valuetype="float", value="3"))
        line.addElement(odf.table.CoveredTableCell())
        table.addElement(line)
    book.spreadsheet.addElement(table)
    return saved(book.write)


def texts():
    lines = [HEADER, *[["" if cell is None else str(cell).replace("\n", " ") for cell in row] for row in ROWS]]
    for name, mark in (("comma", ","), ("tab", "\t"), ("semicolon", ";")):
        text = "\r\n".join(mark.join(f'"{cell}"' if mark in cell or '"' in cell else cell for cell in line) for line in lines)
        yield name, text.encode()
        yield f"{name}-marked", text.encode("utf-8-sig")
        yield f"{name}-gb18030", text.encode("gb18030")
        yield f"{name}-utf16", text.encode("utf-16")


def member(package, *names):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return b"\0".join(archive.read(name) if name in archive.namelist() else b"" for name in names)


def stream(old):
    """The workbook's stream of a compound file as xlwt writes it: one run of sectors behind the header."""
    import struct

    first, size = None, None
    directory = 512 * (struct.unpack_from("<I", old, 48)[0] + 1)
    for at in range(directory, len(old), 128):
        if old[at:at + 16] == "Workbook".encode("utf-16-le"):
            first, size = struct.unpack_from("<I", old, at + 116)[0], struct.unpack_from("<I", old, at + 120)[0]
            break
    return old[512 * (first + 1):512 * (first + 1) + size]


def main():
    new, old, plain, wide = workbook(), old_workbook(), document(False), document(True)
    parts = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml")
    seeds = {
        "csv": [*texts(), ("xlsx", new), ("xls", old), ("ods", plain), ("pdf", b"%PDF-1.7\n"), ("web", b"<html><table><tr><td>1</td></tr></table></html>")],
        "xls": [("file", old), ("stream", stream(old))],
        "xlsx": [("openpyxl", member(new, *parts)), ("excel", shared())],
        "ods": [("plain", member(plain, "content.xml")), ("repeated", member(wide, "content.xml"))],
    }
    for target, files in seeds.items():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            (folder / f"seed-{name}").write_bytes(content)


if __name__ == "__main__":
    main()
