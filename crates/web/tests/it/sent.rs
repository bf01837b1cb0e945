//! Lists that come in at the desk: tried first, written once, refused with what to do, and their headings understood.

use crate::office::Office;

#[test]
fn a_dry_run_writes_nothing_and_then_the_same_bytes_are_written_once() {
    let office = Office::new();
    let head = office.head();
    let tried = office.upload("residents-health", "health.csv", &office.file("health.csv"));
    assert_eq!(tried.status, 303, "{}", tried.body);
    let address = tried.header("location");
    let page = office.get("wang", &address).body;
    assert!(page.contains("现在还没有写入"), "{page}");
    assert!(page.contains("health.csv"));
    let workbook = office.get("wang", &format!("{address}/result.xlsx"));
    assert!(workbook.body.starts_with("PK"));
    assert_eq!(office.head(), head, "nothing was written");

    assert_eq!(office.post("wang", &address, "").status, 303);
    let written = office.head();
    assert_ne!(written, head);
    assert!(office.get("wang", &address).body.contains("已经写入台账"));
    assert_eq!(office.post("wang", &address, "").status, 303);
    assert_eq!(office.head(), written, "it is written once");
    assert!(office.get("wang", "/imports").body.contains(">wang</td>"));
    let gone = office.get("wang", "/imports/dry/nothing");
    assert_eq!(gone.status, 400);
    assert!(gone.body.contains("已过期"), "{}", gone.body);
}

#[test]
fn files_that_are_no_good_are_named_with_what_to_do() {
    let office = Office::new();
    let head = office.head();
    for (name, bytes, told) in [
        ("a.csv", &b"x\n1\n2\n"[..], "a.csv"),
        ("C:\\x\\b.csv", b"", "b.csv"),
        ("c.pdf", b"%PDF-1.7 x", "c.pdf"),
    ] {
        let refused = office.upload("residents-health", name, bytes);
        assert_eq!(refused.status, 422, "{name}");
        assert!(refused.body.contains(told), "{}", refused.body);
    }
    // Headings nobody knows are asked about, and need no other file.
    let list = "人名,男女,生辰\n诸葛长青,女,1990-01-02\n";
    let asked = office.upload("residents-health", "e.csv", list.as_bytes());
    let address = asked.header("location");
    let page = office.get("wang", &address).body;
    assert!(page.contains("人名") && page.contains("生辰"), "{page}");
    let fields = encoded(&[
        ("is:人名", "name"),
        ("is:男女", "sex"),
        ("is:生辰", "birth_date"),
    ]);
    let said = office.post("wang", &format!("{address}/columns"), &fields);
    let page = office.get("wang", said.header("location").split('#').next().unwrap());
    assert!(page.body.contains("现在还没有写入"), "{}", page.body);
    assert_eq!(office.upload("residents-health", "", b"").status, 400);
    assert_eq!(office.upload("nothing", "a.csv", b"x").status, 400);
    let large = vec![b' '; (64 << 20) + 1];
    assert_eq!(
        office.upload("residents-health", "d.csv", &large).status,
        413
    );
    assert_eq!(office.head(), head);
}

/// A field of a form as a browser sends it.
fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        let bytes = text.bytes().map(|byte| format!("%{byte:02X}"));
        bytes.collect::<String>()
    };
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    fields.collect::<Vec<_>>().join("&")
}

/// A list under headings nobody has seen yet.
fn odd_list(names: [&str; 3]) -> Vec<u8> {
    let mut list = String::from("户主,性别,生日,手机,住处\n");
    for (nth, name) in names.iter().enumerate() {
        list.push_str(&format!(
            "{name},男,198{nth}-03-0{},1390000000{nth},幸福路{nth}号\n",
            nth + 1
        ));
    }
    list.into_bytes()
}

#[test]
fn what_headings_mean_is_said_once_and_remembered_with_the_list() {
    let office = Office::new();
    let head = office.head();
    let list = odd_list(["欧阳修远", "上官文静", "司马如山"]);
    let refused = office.upload("residents-health", "odd.csv", &list);
    assert_eq!(refused.status, 303, "{}", refused.body);
    let address = refused.header("location");
    let page = office.get("wang", &address).body;
    assert!(page.contains("表头不清楚"), "{page}");
    assert!(page.contains("缺少：姓名"), "{page}");
    assert!(page.contains("name=\"is:户主\""), "{page}");
    assert!(page.contains("<optgroup label=\"还缺的列\""), "{page}");
    let english = office.get("wang", &format!("{address}?lang=en")).body;
    assert!(english.contains("<option value=\"name\">Name"), "{english}");
    assert_eq!(
        office.post("wang", &address, "").header("location"),
        address
    );
    let workbook = format!("{address}/result.xlsx");
    assert_eq!(office.get("wang", &workbook).status, 404);

    let say = |address: &str, fields: &[(&str, &str)]| {
        let said = office.post("wang", &format!("{address}/columns"), &encoded(fields));
        assert_eq!(said.status, 303, "{}", said.body);
        let to = said.header("location");
        to.split('#').next().unwrap().to_owned()
    };
    assert_eq!(say(&address, &[("is:户主", ""), ("is:住处", "")]), address);
    let wrong = office.post(
        "wang",
        &format!("{address}/columns"),
        &encoded(&[("is:户主", "salary")]),
    );
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let tried = say(&address, &[("is:户主", "name"), ("is:住处", "")]);
    let page = office.get("wang", &tried).body;
    assert!(page.contains("现在还没有写入"), "{page}");
    assert!(page.contains("本次指定"), "{page}");
    assert!(page.contains("按表头识别的 3 列"), "{page}");
    assert!(
        page.contains("文件里没有的列：公民身份号码、住址"),
        "{page}"
    );

    let fields = [("is:户主", "name"), ("is:住处", "address")];
    let hasty = office.post("wang", &tried, &encoded(&fields));
    let tried = hasty.header("location");
    let page = office.get("wang", &tried).body;
    assert!(page.contains("先重新试了一次，没有写入"), "{page}");
    let tried = tried.split('?').next().unwrap().to_owned();
    assert!(
        page.contains("<option value=\"address\" selected"),
        "{page}"
    );
    let (_, section) = page.split_once("id=\"columns\"").unwrap();
    let (section, _) = section.split_once("</form>").unwrap();
    for value in ["欧阳修远", "1390000000", "幸福路"] {
        assert!(!section.contains(value), "{section}");
    }
    assert_eq!(office.head(), head, "nothing was written");
    let written = office.post("wang", &tried, &encoded(&fields));
    assert_eq!(written.header("location"), tried);
    assert_ne!(office.head(), head);
    let page = office.get("wang", &tried).body;
    assert!(
        page.contains("本次指定") && !page.contains("<select"),
        "{page}"
    );
    assert_eq!(say(&tried, &[("is:户主", "-")]), tried, "it is written");

    let list = odd_list(["诸葛长青", "夏侯明月", "东方晓"]);
    let next = office.upload("residents-health", "next.csv", &list);
    let page = office.get("wang", &next.header("location")).body;
    assert!(page.contains("现在还没有写入"), "{page}");
    assert_eq!(page.matches("以往更正").count(), 2, "{page}");
}

#[test]
fn of_two_columns_of_one_name_one_is_left_out() {
    let office = Office::new();
    let list = "姓名,电话,姓名,备注\n欧阳修远,13900000001,修远,无\n";
    let refused = office.upload("residents-health", "twice.csv", list.as_bytes());
    let address = refused.header("location");
    let page = office.get("wang", &address).body;
    assert!(page.contains("姓名：重复出现"), "{page}");
    let fields = encoded(&[("is:A", ""), ("is:C", "-")]);
    let said = office.post("wang", &format!("{address}/columns"), &fields);
    let page = office.get("wang", said.header("location").split('#').next().unwrap());
    assert!(page.body.contains("本次指定略去"), "{}", page.body);
}
