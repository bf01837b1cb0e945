//! What the mission refuses can't be declared, however it is written: twenty-five ways around it, and what is near it and allowed.

use pack::SourceFile;

/// The codes of the faults of the national pack with a file more.
fn faults(path: &str, text: &str) -> Vec<&'static str> {
    let mut files: Vec<SourceFile> = testhouse::national().files.clone();
    files.push(SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    });
    match pack::load(files) {
        Ok(_) => Vec::new(),
        Err(faulty) => faulty.faults.iter().map(|fault| fault.code).collect(),
    }
}

fn register(id: &str, zh: &str, en: &str) -> (&'static str, String) {
    let text = format!(
        "[register]\nid = \"{id}\"\nname = {{ zh = \"{zh}\", en = \"{en}\" }}\nidentity = [\"number\"]\nunique = \"book\"\n\n[[field]]\nid = \"number\"\ntype = \"text\"\nname = {{ zh = \"编号\", en = \"Number\" }}\nrequired = true\n"
    );
    ("registers/test.toml", text)
}

fn field(id: &str, zh: &str, more: &str) -> (&'static str, String) {
    let (path, text) = register("matter", "事项", "Matter");
    let field = format!(
        "\n[[field]]\nid = \"{id}\"\ntype = \"int\"\nname = {{ zh = \"{zh}\", en = \"Some number\" }}\n{more}\n"
    );
    (path, text + &field)
}

fn indicator(id: &str, zh: &str, more: &str) -> (&'static str, String) {
    let text = format!(
        "[[indicator]]\nid = \"{id}\"\nname = {{ zh = \"{zh}\", en = \"A figure\" }}\nunit = {{ zh = \"人\", en = \"people\" }}\nmeasure = \"count\"\n{more}\n"
    );
    ("indicators/test.toml", text)
}

fn code(zh: &str, more: &str) -> (&'static str, String) {
    let text = format!(
        "[[code]]\nid = \"some-kind\"\nname = {{ zh = \"某类\", en = \"Some kind\" }}\nmember = [{{ value = \"1\", zh = \"{zh}\", en = \"One\"{more} }}]\n"
    );
    ("codes/test.toml", text)
}

const PEOPLE: &str = "rows = \"select id, unit from residence where counted\"";
const BIRTHS: &str =
    "rows = \"select b.id, r.unit from birth b join residence r on r.person = b.child\"";

#[test]
fn what_the_mission_refuses_is_refused_however_it_is_written() {
    let target =
        "targets = [{ unit = \"210203001000\", on = 2026-12-31, value = \"180\", at_most = true }]";
    let refused = [
        ("refused-fee", register("levy", "社会抚养费", "Levy")),
        ("refused-fee", register("levy", "社 会 抚 养 费", "Levy")),
        (
            "refused-fee",
            register("levy", "社會撫養費征收台账", "Levy"),
        ),
        (
            "refused-fee",
            register("levy", "社会—抚养费（应收）", "Levy"),
        ),
        (
            "refused-fee",
            register("levy", "往来款", "Social maintenance fee"),
        ),
        (
            "refused-fee",
            register("shehui_fuyang_fei", "往来款", "Accounts"),
        ),
        ("refused-fee", field("amount", "违法多孩生育处理", "")),
        (
            "refused-fee",
            field("amount", "金额", "synonyms = [\"超 生 款\"]"),
        ),
        ("refused-quota", register("permit", "准生证", "Permit")),
        ("refused-quota", register("permit", "事项", "Birth-permit")),
        ("refused-quota", field("quota", "年度生育指标", "")),
        ("refused-quota", indicator("rate", "计划生育率", PEOPLE)),
        (
            "refused-quota",
            indicator("births_held", "出生人口控制数", BIRTHS),
        ),
        (
            "refused-quota",
            indicator("newborn", "出生人数", &format!("{BIRTHS}\n{target}")),
        ),
        // The name says nothing; what is counted does.
        (
            "refused-quota",
            indicator("newcomers", "新增人员", &format!("{BIRTHS}\n{target}")),
        ),
        (
            "refused-surgery",
            register("operation", "四项手术", "Operations"),
        ),
        (
            "refused-surgery",
            register("operation", "“四项”手术", "Operations"),
        ),
        ("refused-surgery", code("上环", "")),
        ("refused-surgery", code("其他", ", synonyms = [\"结·扎\"]")),
        ("refused-surgery", field("measure", "避孕措施", "")),
        (
            "refused-surgery",
            indicator("measures", "长效节育措施落实", PEOPLE),
        ),
        (
            "refused-check",
            register("check_up", "双情检测", "Check-ups"),
        ),
        (
            "refused-check",
            register("check_up", "健康检查", "Pregnancy check"),
        ),
        ("refused-check", field("result", "孕情", "")),
        (
            "refused-check",
            indicator("checked", "三季度查孕查环人数", PEOPLE),
        ),
        (
            "refused-informer",
            register("reward_paid", "举报有功人员奖金", "Rewards"),
        ),
        (
            "refused-informer",
            register("reward_paid", "有奖举报", "Rewards"),
        ),
    ];
    for (code, (path, text)) in refused {
        let found = faults(path, &text);
        assert!(found.contains(&code), "{code}: {found:?} of\n{text}");
    }
}

#[test]
fn what_is_near_it_and_serves_people_is_allowed() {
    let allowed = [
        register("midwife", "出生登记服务", "Registration of births"),
        register("complaint", "举报和投诉", "Complaints"),
        field("grade", "手术并发症等级", ""),
        field("paid", "生育保险缴费", ""),
        code("避孕药具", ""),
        indicator("newborn", "出生人数", BIRTHS),
        indicator("visited", "走访新生儿家庭", PEOPLE),
    ];
    for (path, text) in allowed {
        assert_eq!(faults(path, &text), Vec::<&str>::new(), "{text}");
    }
}
