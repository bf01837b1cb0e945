//! A file to which a record refers is a link on the page of whom the record is about, and is fetched, never shown in the browser.

use kernel::IdNumber;
use pack::SourceFile;

use crate::office::{Office, links};

const PAPER: &str = r#"
[register]
id = "paper"
name = { zh = "材料", en = "Paper" }
identity = ["number"]
unique = "book"
about = "person"

[[field]]
id = "number"
type = "text"
name = { zh = "材料编号", en = "Number" }
required = true

[[field]]
id = "person"
type = "ref"
register = "person"
name = { zh = "人员", en = "Person" }
required = true

[[field]]
id = "scan"
type = "file"
name = { zh = "扫描件", en = "Scan" }
"#;

const ROSTER: &str = r#"
[roster]
id = "papers"
name = { zh = "材料清单", en = "Papers" }
sender = { zh = "社区", en = "Community" }
source = "community"

[[column]]
id = "number"
name = { zh = "材料编号", en = "Number" }
type = "text"
required = true

[[column]]
id = "person_id"
name = { zh = "公民身份号码", en = "ID number" }
type = "id_number"
required = true

[[column]]
id = "scan"
name = { zh = "扫描件", en = "Scan" }
type = "file"

[[write]]
register = "person"
as = "person"
since = "@today"
set = { id_number = "person_id" }

[[write]]
register = "paper"
since = "@today"
set = { number = "number", person = "@person", scan = "scan" }
"#;

#[test]
fn a_file_is_fetched_from_the_page_of_whom_it_is_about() {
    let mut files = testhouse::files(&testhouse::repository().join("packs/national"));
    for (path, text) in [
        ("registers/paper.toml", PAPER),
        ("rosters/papers.toml", ROSTER),
    ] {
        files.push(SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        });
    }
    let office = Office::over(testhouse::loaded(files));
    let number = IdNumber::compose("210203", "1980-03-01".parse().unwrap(), 11).unwrap();
    let scan = office.keep("出生 证明.pdf", b"%PDF-1.7");
    let number = number.as_str();
    let person = format!("姓名,身份证号\n欧阳修远,{number}\n");
    let paper = format!("材料编号,公民身份号码,扫描件\n7,{number},{scan}\n");
    for (roster, list) in [("residents-health", person), ("papers", paper)] {
        let tried = office.upload(roster, "list.csv", list.as_bytes());
        assert_eq!(tried.status, 303, "{}", tried.body);
        let written = office.post("wang", &tried.header("location"), "");
        assert_eq!(written.status, 303, "{}", written.body);
    }
    let found = office.get("wang", "/people?q=%E6%AC%A7%E9%98%B3%E4%BF%AE%E8%BF%9C");
    let person = match links(&found.body, "/people/").first() {
        Some(person) => person.clone(),
        None => found.header("location"),
    };
    let page = office.get("wang", &person).body;
    let file = links(&page, "/files/").first().cloned();
    let file = file.unwrap_or_else(|| panic!("no file on {page}"));
    assert!(
        page.contains("出生 证明.pdf") && !page.contains("sha256:"),
        "{page}"
    );
    let fetched = office.get("wang", &file);
    assert_eq!(
        (fetched.status.as_u16(), fetched.body.as_str()),
        (200, "%PDF-1.7")
    );
    assert_eq!(fetched.header("content-type"), "application/pdf");
    let kept = fetched.header("content-disposition");
    assert!(
        kept.starts_with("attachment;")
            && kept.ends_with("%E5%87%BA%E7%94%9F%20%E8%AF%81%E6%98%8E.pdf"),
        "{kept}"
    );
    assert_eq!(fetched.header("x-content-type-options"), "nosniff");
    for wrong in [
        "/files/paper.1.scan",
        "/files/paper.x",
        "/files/person.1.name",
    ] {
        assert_eq!(office.get("wang", wrong).status, 404, "{wrong}");
    }
}
