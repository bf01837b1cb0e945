//! Somebody is picked for a form: namesakes told apart, another looked for in the same box, the chosen one changed; and what a form
//! proposes of those who were picked.

use kernel::IdNumber;

use crate::office::Office;

/// An office that knows three people of one surname, two of them of one name.
fn office() -> Office {
    let office = Office::new();
    let people = [
        ("0001", "欧阳修远", "1990-03-01", 112, "农业"),
        ("0002", "欧阳修远", "1994-08-09", 114, "非农业"),
        ("0003", "欧阳玉", "1988-05-05", 117, "农业"),
    ];
    let mut list = String::from("户号,姓名,公民身份号码,户口性质,户籍情况\n");
    for (household, name, born, order, nature) in people {
        let number = IdNumber::compose("210203", born.parse().unwrap(), order).unwrap();
        let number = number.as_str();
        list += &format!("{household},{name},{number},{nature},本地户籍\n");
    }
    let tried = office.upload("police-households", "list.csv", list.as_bytes());
    let written = office.post("wang", &tried.header("location"), "");
    assert_eq!(written.status, 303, "{}", written.body);
    office
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The values of the radio buttons for an input.
fn proposed(page: &str, input: &str) -> Vec<String> {
    let before = format!("type=\"radio\" name=\"r.{input}\" value=\"");
    let found = page.split(&before).skip(1);
    found
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn namesakes_are_told_apart_and_another_can_be_looked_for() {
    let office = office();
    let look = |fields: &str| {
        let page = office.post(
            "wang",
            "/actions/birth",
            &format!("form=a&step=look{fields}"),
        );
        assert_eq!(page.status, 200, "{}", page.body);
        page.body
    };
    let name = escaped("欧阳修远");
    let asked = look(&format!("&t.mother={name}"));
    let both = proposed(&asked, "mother");
    assert_eq!(both.len(), 2, "{asked}");
    assert!(asked.contains("1990-03-01") && asked.contains("1994-08-09") && asked.contains("女"));
    assert!(asked.contains("name=\"t.mother\"") && asked.contains("name=\"w.mother\""));
    // The box says what was looked for; another text there is another search, whoever was ticked.
    let other = escaped("欧阳玉");
    let again = look(&format!(
        "&r.mother={}&w.mother={name}&t.mother={other}",
        both[0]
    ));
    assert!(
        again.contains("欧阳玉") && proposed(&again, "mother").is_empty(),
        "{again}"
    );
    // Ticked, and the box left as it was.
    let picked = look(&format!(
        "&r.mother={}&w.mother={name}&t.mother={name}",
        both[1]
    ));
    let hidden = format!("type=\"hidden\" name=\"r.mother\" value=\"{}\"", both[1]);
    assert!(picked.contains(&hidden), "{picked}");
    assert!(picked.contains("<summary>换</summary>"), "{picked}");
    // Changed: what is typed takes the place of who was picked.
    let changed = look(&format!("&r.mother={}&t.mother={other}", both[1]));
    assert!(
        !changed.contains(&hidden) && changed.contains("欧阳玉"),
        "{changed}"
    );
}

#[test]
fn what_is_typed_into_a_form_is_proposed_below_the_box() {
    let office = office();
    let typed = format!("q={}&pick=person", escaped("欧阳"));
    let below = office.post("wang", "/find/below", &typed).body;
    assert_eq!(below.matches("role=\"option\"").count(), 3, "{below}");
    assert!(!below.contains("href="), "{below}");
    let unknown = office.post("wang", "/find/below", "q=a&pick=no-such");
    assert_eq!(unknown.status, 404);
}

#[test]
fn a_birth_is_proposed_what_stands_of_the_mother() {
    let office = office();
    let name = escaped("欧阳修远");
    let asked = office.post(
        "wang",
        "/actions/birth",
        &format!("form=a&step=look&t.mother={name}"),
    );
    let both = proposed(&asked.body, "mother");
    let of = |person: &str, more: &str| {
        let fields = format!("form=a&step=look&r.mother={person}{more}");
        office.post("wang", "/actions/birth", &fields).body
    };
    let chosen = |page: &str, value: &str| {
        let radio = format!("value=\"{value}\" checked");
        page.contains(&radio)
    };
    let first = of(&both[0], "");
    assert!(chosen(&first, "CHN"), "{first}");
    let (own, other) = match chosen(&first, "agricultural") {
        true => ("agricultural", "non_agricultural"),
        false => ("non_agricultural", "agricultural"),
    };
    // Somebody else as the mother: it is hers that is proposed then.
    let kept = format!("&d.hukou_nature={}&i.hukou_nature={own}", both[0]);
    assert!(chosen(&of(&both[0], &kept), own));
    let second = of(&both[1], &kept);
    assert!(chosen(&second, other) && !chosen(&second, own), "{second}");
    // What was taken out again stays out.
    let blank = format!("&d.hukou_nature={}&d.nationality=-", both[0]);
    let cleared = of(&both[0], &blank);
    assert!(
        !chosen(&cleared, own) && !chosen(&cleared, "CHN"),
        "{cleared}"
    );
    assert!(first.contains("户主") || first.contains("0001"), "{first}");
    // The row is headed by the child.
    let child = format!("&i.name={}&i.born_on=2025-12-01", escaped("欧阳小宝"));
    let seen = of(&both[0], &child);
    assert!(
        seen.contains("将登记") && seen.contains("欧阳小宝、"),
        "{seen}"
    );
}

#[test]
fn what_does_not_fit_somebody_is_not_offered_to_them() {
    let office = office();
    let page = |fields: &str| office.post("wang", "/actions/birth", fields).body;
    let picked = page(&format!("form=a&step=look&t.mother={}", escaped("欧阳玉")));
    let (_, man) = picked
        .split_once("type=\"hidden\" name=\"r.mother\" value=\"")
        .unwrap();
    let man = man.split('"').next().unwrap();
    let women = page(&format!(
        "form=a&step=look&t.mother={}",
        escaped("欧阳修远")
    ));
    let woman = &proposed(&women, "mother")[0];
    let offered = |person: &str, action: &str| {
        let page = office.get("wang", &format!("/people/{person}")).body;
        page.contains(&format!("/actions/{action}?"))
    };
    assert!(offered(woman, "birth") && !offered(man, "birth"));
    assert!(offered(woman, "marriage") && offered(man, "marriage"));
    assert!(
        !offered(woman, "divorce"),
        "nobody says that she is married"
    );
    assert!(offered(man, "death"));
    let died = format!("form=d&r.person={man}&i.died_on=2025-12-01&step=write");
    let died = office.post("wang", "/actions/death", &died);
    assert_eq!(died.status, 303, "{}", died.body);
    let told = office.get("wang", &died.header("location")).body;
    assert!(told.contains("已登记：死亡登记 · 欧阳玉。"), "{told}");
    assert!(told.contains("死亡日期2025-12-01"), "{told}");
    assert!(!offered(man, "death") && !offered(man, "marriage") && !offered(man, "visit"));
}

/// Makes an organisation known; the record it got.
fn organisation(office: &Office, name: &str, nth: usize) -> String {
    let fields = format!(
        "form=o{nth}&step=write&i.name={}&i.kind=committee&i.of_unit=210203001001",
        escaped(name)
    );
    let written = office.post("wang", "/actions/organisation", &fields);
    assert_eq!(written.status, 303, "{}", written.body);
    name.to_owned()
}

#[test]
fn another_record_is_chosen_from_what_there_is_and_typed_once_it_is_much() {
    let office = office();
    let form = || office.get("wang", "/actions/contract-signed").body;
    assert!(form().contains("name=\"i.organisation_name\""), "none yet");
    for (nth, name) in ["林景社区居委会", "林景社区居委会联合支部", "望海小学"]
        .into_iter()
        .enumerate()
    {
        organisation(&office, name, nth);
    }
    let few = form();
    assert!(few.contains("<select id=\"r.organisation\""), "{few}");
    assert!(few.contains(">望海小学"), "{few}");
    assert!(!few.contains("乙方单位单位名称"));
    let below = |typed: &str| {
        let typed = format!("q={}&pick=organisation", escaped(typed));
        office.post("wang", "/find/below", &typed).body
    };
    assert_eq!(below("林景").matches("role=\"option\"").count(), 2);
    // The whole name means that one, whatever others begin like it; words are looked for one by one.
    assert_eq!(
        below("林景社区居委会").matches("role=\"option\"").count(),
        1
    );
    assert_eq!(below("支部 林景").matches("role=\"option\"").count(), 1);
    assert!(below("没有的").contains("没有找到，换几个字再试"));
    for nth in 3..40 {
        organisation(&office, &format!("第{nth}商店"), nth);
    }
    let many = form();
    assert!(
        many.contains("name=\"t.organisation\"") && !many.contains("<select id=\"r.organisation\"")
    );
    let fields = format!(
        "form=c&step=look&t.organisation={}&i.kind=population&i.year=2025&i.signed_on=2025-03-01&i.issuer=210203001001",
        escaped("望海小学")
    );
    let seen = office
        .post("wang", "/actions/contract-signed", &fields)
        .body;
    assert!(
        seen.contains("将登记") && seen.contains("望海小学"),
        "{seen}"
    );
    assert!(seen.contains("value=\"write\""), "{seen}");
}
