//! The command line in whole Chinese and in whole English: the help of every command, and every way to be misunderstood.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::Command;

use crate::common::taizhang;

/// What stands in Chinese help besides commands, options and what is offered: formats, ids given as examples, places.
const FORMATS: [&str; 14] = [
    "taizhang",
    "zh",
    "en",
    "JSON",
    "CSV",
    "TOML",
    "national",
    "police-households",
    "clerk",
    "person",
    "low",
    "middle",
    "high",
    "docs/linkage.md",
];

fn is_chinese(ch: char) -> bool {
    matches!(ch, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

/// The ASCII words of a text that have a letter.
fn words(text: &str) -> Vec<&str> {
    let words = text.split(|ch: char| !(ch.is_ascii_alphanumeric() || "-_./=".contains(ch)));
    let words = words.map(|word| word.trim_end_matches('.'));
    let letter = |word: &&str| word.chars().any(|ch| ch.is_ascii_alphabetic());
    words.filter(letter).collect()
}

/// What a command says of itself.
struct Page {
    path: Vec<String>,
    text: String,
}

impl Page {
    /// What stands below a heading: how something is written, and its explanation.
    fn section(&self, headings: [&str; 2]) -> Vec<(String, String)> {
        let mut lines = self.text.lines();
        let mut found: Vec<(String, String)> = Vec::new();
        if !lines.any(|line| headings.contains(&line)) {
            return found;
        }
        for line in lines.take_while(|line| !line.is_empty()) {
            // What is longer than its column has its explanation on the next line.
            let own = line.trim_start();
            match (
                line.len() - own.len(),
                own.split_once("  "),
                found.last_mut(),
            ) {
                (2 | 6, Some((written, help)), _) => {
                    found.push((written.to_owned(), help.trim().to_owned()));
                }
                (2 | 6, None, _) => found.push((own.to_owned(), String::new())),
                (_, _, Some((_, help))) => help.push_str(own),
                _ => panic!("{line}"),
            }
        }
        found
    }
}

/// The help of a command and of all below it.
fn pages(lang: &str, path: &[String], into: &mut Vec<Page>) {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let output = taizhang(&[&["--lang", lang], &path[..], &["--help"]].concat());
    assert!(output.status.success(), "{path:?}");
    let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
    let text = String::from_utf8(output.stdout).unwrap();
    let page = Page { path, text };
    let below = page.section(["Commands:", "命令："]);
    let below = below.into_iter().map(|(name, _)| name);
    let below: Vec<String> = below.filter(|name| name != "help").collect();
    let path = page.path.clone();
    into.push(page);
    for name in below {
        pages(lang, &[&path[..], &[name]].concat(), into);
    }
}

fn all(lang: &str) -> Vec<Page> {
    let mut all = Vec::new();
    pages(lang, &[], &mut all);
    all
}

const SECTIONS: [[&str; 2]; 3] = [
    ["Commands:", "命令："],
    ["Arguments:", "参数："],
    ["Options:", "选项："],
];

#[test]
fn every_command_and_argument_is_explained_in_both_languages() {
    let (zh, en) = (all("zh"), all("en"));
    assert!(zh.len() >= 26, "{} commands", zh.len());
    assert_eq!(zh.len(), en.len());
    let mut explained = 0;
    for (zh, en) in zh.iter().zip(&en) {
        assert_eq!(zh.path, en.path);
        for headings in SECTIONS {
            let (said, other) = (zh.section(headings), en.section(headings));
            assert_eq!(said.len(), other.len(), "{:?} {headings:?}", zh.path);
            for (written, help) in said.iter().chain(&other) {
                assert!(!help.is_empty(), "{:?}: {written} isn't explained", zh.path);
                explained += 1;
            }
        }
    }
    assert!(explained > 400, "only {explained} explanations");
}

#[test]
fn english_help_has_no_chinese_and_chinese_help_no_english() {
    for page in all("en") {
        let chinese: String = page.text.chars().filter(|ch| is_chinese(*ch)).collect();
        assert_eq!(chinese, "", "{:?}", page.path);
    }
    let pages = all("zh");
    let commands: Vec<&str> = (pages.iter())
        .flat_map(|page| page.path.iter().map(String::as_str))
        .chain(["help"])
        .collect();
    for page in &pages {
        assert!(page.text.chars().any(is_chinese), "{:?}", page.path);
        let offered = offered(&page.text);
        for word in words(&page.text) {
            let place =
                word.contains(['.', '/']) || word.starts_with('-') || word.starts_with("20");
            let known = FORMATS.contains(&word) || commands.contains(&word);
            let known = known || place || offered.contains(&word);
            assert!(known, "{:?}: the English word {word}", page.path);
        }
    }
}

/// The values that a Chinese page offers, or takes unless another is given.
fn offered(page: &str) -> Vec<&str> {
    let brackets = page.split('[').skip(1);
    let brackets = brackets.filter_map(|rest| rest.split(']').next());
    let brackets = brackets.filter(|text| text.starts_with("可选") || text.starts_with("默认"));
    brackets.flat_map(words).collect()
}

#[test]
fn help_is_found_whichever_way_it_is_asked_for() {
    let asked: [&[&str]; 4] = [
        &["--lang", "zh", "pack", "list", "--help"],
        &["pack", "list", "-h", "--lang=zh"],
        &["--lang=zh", "help", "pack", "list"],
        &["pack", "--lang", "zh", "help", "list"],
    ];
    let told = asked.map(|asked| String::from_utf8(taizhang(asked).stdout).unwrap());
    assert!(
        told[0].contains("用法：taizhang pack list [选项] [规则包]"),
        "{}",
        told[0]
    );
    assert!(told.iter().all(|other| *other == told[0]), "{told:#?}");
    let system = |name: &str, value: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_taizhang"));
        let program = program
            .arg("--help")
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES");
        let told = program.env_remove("LANG").env(name, value).output();
        String::from_utf8(told.unwrap().stdout).unwrap()
    };
    assert!(system("LANG", "zh_CN.UTF-8").contains("用法："));
    assert!(system("LC_ALL", "zh_TW").contains("用法："));
    assert!(system("LANG", "C").contains("Usage:"));
}

/// What is said of a command that can't be understood, in Chinese and in English.
fn misunderstood(typed: &[&str]) -> [String; 2] {
    ["zh", "en"].map(|lang| {
        let output = taizhang(&[&["--lang", lang], typed].concat());
        assert_eq!(output.status.code(), Some(2), "{typed:?}");
        assert!(output.stdout.is_empty(), "{typed:?}");
        String::from_utf8(output.stderr).unwrap()
    })
}

/// Every kind of error that clap can tell of this program, and what is told of it.
const MISTAKES: &[(&[&str], &str, &str)] = &[
    // InvalidSubcommand
    (
        &["verfy", "DIR"],
        "错误：没有命令“verfy”\n是否指：verify\n用法：taizhang [选项] <命令>\n说明：taizhang --help\n",
        "error: there is no command “verfy”\nperhaps you meant: verify\nUsage: taizhang [OPTIONS] <COMMAND>\nMore: taizhang --help\n",
    ),
    (
        &["help", "nosuch"],
        "错误：没有命令“nosuch”\n用法：taizhang [选项] <命令>\n说明：taizhang --help\n",
        "error: there is no command “nosuch”\nUsage: taizhang [OPTIONS] <COMMAND>\nMore: taizhang --help\n",
    ),
    // UnknownArgument
    (
        &["heads", "DIR", "--jsn"],
        "错误：这里没有选项 --jsn\n是否指：--json\n用法：taizhang heads [选项] <文件夹>\n说明：taizhang heads --help\n",
        "error: there is no option --jsn here\nperhaps you meant: --json\nUsage: taizhang heads [OPTIONS] <DIR>\nMore: taizhang heads --help\n",
    ),
    (
        &["heads", "DIR", "more"],
        "错误：多写了“more”\n用法：taizhang heads [选项] <文件夹>\n说明：taizhang heads --help\n",
        "error: “more” is one argument too many\nUsage: taizhang heads [OPTIONS] <DIR>\nMore: taizhang heads --help\n",
    ),
    (
        &["--dry-run"],
        "错误：这里没有选项 --dry-run\n有这个选项的命令：import\n用法：taizhang [选项] <命令>\n说明：taizhang --help\n",
        "error: there is no option --dry-run here\ncommands that have it: import\nUsage: taizhang [OPTIONS] <COMMAND>\nMore: taizhang --help\n",
    ),
    (
        &["heads", "-x"],
        "错误：这里没有选项 -x\n“-x”若是内容而不是选项，请写在“--”之后\n用法：taizhang heads [选项] <文件夹>\n说明：taizhang heads --help\n",
        "error: there is no option -x here\nif “-x” is a value and no option, write it after “--”\nUsage: taizhang heads [OPTIONS] <DIR>\nMore: taizhang heads --help\n",
    ),
    // MissingRequiredArgument
    (
        &["undo", "DIR"],
        "错误：缺少 <提交号>\n用法：taizhang undo [选项] <文件夹> <提交号>\n说明：taizhang undo --help\n",
        "error: missing: <COMMIT>\nUsage: taizhang undo [OPTIONS] <DIR> <COMMIT>\nMore: taizhang undo --help\n",
    ),
    // MissingSubcommand
    (
        &["--json", "town", "--json"],
        "错误：taizhang town 后面要写命令\n可用的有：generate、help\n用法：taizhang town [选项] <命令>\n说明：taizhang town --help\n",
        "error: taizhang town needs a command\nthere are: generate, help\nUsage: taizhang town [OPTIONS] <COMMAND>\nMore: taizhang town --help\n",
    ),
    // ArgumentConflict
    (
        &["verify", "DIR", "--against", "A", "--against", "B"],
        "错误：--against <文件> 只能写一次\n用法：taizhang verify [选项] <文件夹>\n说明：taizhang verify --help\n",
        "error: --against <FILE> can be given only once\nUsage: taizhang verify [OPTIONS] <DIR>\nMore: taizhang verify --help\n",
    ),
    (
        &["town", "generate", "DIR", "--csv", "--unnumbered"],
        "错误：--csv 不能与 --unnumbered 同时使用\n用法：taizhang town generate [选项] <文件夹>\n说明：taizhang town generate --help\n",
        "error: --csv can't be used with --unnumbered\nUsage: taizhang town generate [OPTIONS] <DIR>\nMore: taizhang town generate --help\n",
    ),
    // InvalidValue
    (
        &["verify", "DIR", "--against"],
        "错误：--against <文件> 缺少内容\n说明：taizhang verify --help\n",
        "error: --against <FILE> needs a value\nMore: taizhang verify --help\n",
    ),
    (
        &["init", "DIR", "--algorithm", "sha26"],
        "错误：“sha26”不能用作 --algorithm <算法>\n是否指：sha256\n可用的有：sha256、sm3\n说明：taizhang init --help\n",
        "error: “sha26” can't be the value of --algorithm <ALGORITHM>\nperhaps you meant: sha256\nthere are: sha256, sm3\nMore: taizhang init --help\n",
    ),
    (
        &[
            "explain", "DIR", "--person", "1", "--reveal", "name", "--why", "x",
        ],
        "错误：“name”不能用作 --reveal <类别>\n可用的有：证件号码（id）、电话（phone）、住址（address）、账号（account）、健康信息（health）\n说明：taizhang explain --help\n",
        "error: “name” can't be the value of --reveal <KIND>\nthere are: id, phone, address, account, health\nMore: taizhang explain --help\n",
    ),
    // TooManyValues
    (
        &["heads", "DIR", "--json=5"],
        "错误：--json 后面多写了“5”\n用法：taizhang heads [选项] <文件夹>\n说明：taizhang heads --help\n",
        "error: --json takes no “5”\nUsage: taizhang heads [OPTIONS] <DIR>\nMore: taizhang heads --help\n",
    ),
    // ValueValidation
    (
        &["imports", "DIR", "--most", "many"],
        "错误：“many”不能用作 --most <数>：请写 1 至 1000000 的整数\n说明：taizhang imports --help\n",
        "error: “many” can't be the value of --most <NUMBER>: write a whole number from 1 to 1000000\nMore: taizhang imports --help\n",
    ),
    (
        &["serve", "DIR", "--port", "65536"],
        "错误：“65536”不能用作 --port <端口>：请写 0 至 65535 的整数\n说明：taizhang serve --help\n",
        "error: “65536” can't be the value of --port <PORT>: write a whole number from 0 to 65535\nMore: taizhang serve --help\n",
    ),
    (
        &["merge", "DIR", "5", "0"],
        "错误：“0”不能用作 <并入的人>：请写记录号，如 12\n说明：taizhang merge --help\n",
        "error: “0” can't be the value of <DOUBLE>: write a record number, such as 12\nMore: taizhang merge --help\n",
    ),
    (
        &["sweep", "DIR", "--on", "2025-02-30"],
        "错误：“2025-02-30”不能用作 --on <日期>：请写日期，如 2025-12-31\n说明：taizhang sweep --help\n",
        "error: “2025-02-30” can't be the value of --on <DAY>: write a day, such as 2025-12-31\nMore: taizhang sweep --help\n",
    ),
    (
        &["town", "generate", "DIR", "--seed", "-"],
        "错误：“-”不能用作 --seed <数>：请写整数\n说明：taizhang town generate --help\n",
        "error: “-” can't be the value of --seed <NUMBER>: write a whole number\nMore: taizhang town generate --help\n",
    ),
];

#[test]
fn what_is_wrong_is_told_in_the_readers_language() {
    for (typed, zh, en) in MISTAKES {
        let told = misunderstood(typed);
        assert_eq!(told, [*zh, *en], "{typed:?}");
        assert!(!told[1].chars().any(is_chinese), "{typed:?}");
    }
    // The language itself may be what is wrong: then it is the system's.
    let told = taizhang(&["--lang", "fr", "heads", "DIR"]);
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("fr") && told.contains("zh"), "{told}");
    // Nothing typed at all is a wish for help, on the side of errors.
    let told = misunderstood(&["pack"]);
    assert!(
        told[0].contains("新建规则包") && told[1].contains("Write a pack"),
        "{told:?}"
    );
}

#[test]
fn characters_that_are_none_are_told() {
    for (lang, expected) in [
        ("zh", "错误：命令里有不是 UTF-8 的字符\n"),
        (
            "en",
            "error: the command holds characters that aren't UTF-8\n",
        ),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_taizhang"));
        let program = program.args(["--lang", lang, "sweep", "DIR", "--programme"]);
        let told = program
            .arg(OsString::from_vec(vec![0xff, 0xfe]))
            .output()
            .unwrap();
        let said = String::from_utf8(told.stderr).unwrap();
        assert!(said.starts_with(expected), "{said}");
        assert_eq!(told.status.code(), Some(2));
    }
}
