//! The command line in one language. Of the two paragraphs that each command and argument says of itself it takes the one, and lays the
//! help out itself: what clap would add is English only.

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, CommandFactory};
use kernel::Lang;

use super::Arguments;
use super::values::offered;
use crate::say::width;

/// Columns of a line of help.
const LINE: usize = 100;
/// The most columns of what stands before the explanations; what is longer has a line of its own.
const LEFT: usize = 30;

/// How something is written, and its explanation in pieces that a line may end behind.
type Line = (String, Vec<String>);

/// Everything that can be typed, with help in a language.
pub fn command(lang: Lang) -> Command {
    let help = match lang {
        Lang::Zh => "显示帮助",
        Lang::En => "Print help",
    };
    let version = match lang {
        Lang::Zh => "显示版本",
        Lang::En => "Print the version",
    };
    let help = Arg::new("help").short('h').long("help").help(help);
    let version = Arg::new("version").short('V').long("version").help(version);
    let command = spoken(Arguments::command(), lang)
        .arg(help.action(ArgAction::Help).global(true))
        .arg(version.action(ArgAction::Version));
    let mut command = command;
    // From here on every command has the arguments that all have, and its whole name.
    command.build();
    shown(command, lang)
}

/// A command whose words, and those of all below it, are of one language.
fn spoken(command: Command, lang: Lang) -> Command {
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(|text| paragraph(&text.to_string(), lang));
    let command = command
        .about(about.unwrap_or_default())
        .long_about(Resettable::Reset);
    let command = command.mut_args(|arg| {
        let help = arg.get_long_help().or(arg.get_help());
        let help = help.map(|text| paragraph(&text.to_string(), lang));
        let names = arg.get_value_names().unwrap_or_default().to_vec();
        let names = names.into_iter().map(|name| match lang {
            Lang::Zh => value_name(&name).map_or(name, Into::into),
            Lang::En => name,
        });
        let names: Vec<_> = names.collect();
        let arg = arg
            .help(help.unwrap_or_default())
            .long_help(Resettable::Reset);
        match names.is_empty() {
            true => arg,
            false => arg.value_names(names),
        }
    });
    command.mut_subcommands(|below| spoken(below, lang))
}

/// The paragraph of a language: English comes first.
fn paragraph(text: &str, lang: Lang) -> String {
    let mut paragraphs = text.split("\n\n");
    let first = paragraphs.next().unwrap_or_default();
    let wanted = match lang {
        Lang::Zh => paragraphs.next().unwrap_or(first),
        Lang::En => first,
    };
    wanted.trim().to_owned()
}

/// What stands for a value, in Chinese.
fn value_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "ALGORITHM" => "算法",
        "CODE" => "代码",
        "COMMIT" => "提交号",
        "COMMIT.PLACE" => "提交号.序号",
        "DAY" => "日期",
        "DIR" => "文件夹",
        "DOCUMENT" => "文书",
        "DOUBLE" => "并入的人",
        "ENTRY" => "条目",
        "FILE" | "FILES" => "文件",
        "HEADING" => "表头",
        "HEADING=COLUMN" => "表头=列名",
        "INDICATOR" => "指标",
        "KEPT" => "保留的人",
        "KIND" => "类别",
        "LANGUAGE" => "语言",
        "LIST" => "名册",
        "NAME" => "姓名",
        "NUMBER" => "数",
        "PACK" => "规则包",
        "PERIOD" => "期间",
        "PERSON" => "人员",
        "PLACE" => "地方",
        "PORT" => "端口",
        "POST" => "岗位号",
        "PROGRAMME" => "项目",
        "PROGRAMME|LAYER" => "项目|层",
        "PURPOSE" => "用途",
        "QUESTION" => "待核号",
        "RECORD" => "记录号",
        "REGISTER" => "登记册",
        "REGISTER.RECORD.FIELD" => "登记册.记录号.项目",
        "ROLE" => "角色",
        "SENDER" => "报送单位",
        "STATE" => "状态",
        "TABLES" => "表格",
        "TEMPLATE" => "模板",
        "TEXT" => "内容",
        "TITLE" => "名称",
        "UNIT" => "单位",
        "WHAT" => "方式",
        _ => return None,
    })
}

/// A command that shows its help, and those below it theirs.
fn shown(mut command: Command, lang: Lang) -> Command {
    if command.get_name() == "help" {
        command = command.about(match lang {
            Lang::Zh => "显示帮助，或某个命令的帮助",
            Lang::En => "Print help, or that of a command",
        });
    }
    for below in command.get_subcommands_mut() {
        *below = shown(std::mem::take(below), lang);
    }
    let page = page(&mut command, lang);
    command.override_help(page)
}

/// The help of one command.
fn page(command: &mut Command, lang: Lang) -> String {
    let pick = |zh: &'static str, en: &'static str| match lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    let (colon, used) = (pick("：", ": "), usage(command, lang));
    let mut text = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    text += &format!("\n\n{}{colon}{}\n", pick("用法", "Usage"), used);
    let below: Vec<Line> = command
        .get_subcommands()
        .map(|below| {
            let about = below.get_about().map(ToString::to_string);
            (
                below.get_name().to_owned(),
                pieces(&about.unwrap_or_default()),
            )
        })
        .collect();
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let (positional, options): (Vec<&Arg>, Vec<&Arg>) = shown.partition(|arg| arg.is_positional());
    let lines = |args: Vec<&Arg>| args.into_iter().map(|arg| line(arg, lang)).collect();
    let sections: [(&str, Vec<Line>); 3] = [
        (pick("命令", "Commands"), below),
        (pick("参数", "Arguments"), lines(positional)),
        (pick("选项", "Options"), lines(options)),
    ];
    for (heading, lines) in &sections {
        section(&mut text, &format!("{heading}{}", colon.trim()), lines);
    }
    if !sections[0].1.is_empty() && command.get_name() != "help" {
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        text += &match lang {
            Lang::Zh => format!("\n每个命令的说明：{name} 命令 --help\n"),
            Lang::En => format!("\nMore on each command: {name} COMMAND --help\n"),
        };
    }
    text
}

/// How a command is written, as clap puts it together.
pub(super) fn usage(command: &mut Command, lang: Lang) -> String {
    let text = command.render_usage().to_string();
    let text = text.strip_prefix("Usage:").unwrap_or(&text).trim();
    match lang {
        Lang::Zh => text
            .replace("[OPTIONS]", "[选项]")
            .replace("<COMMAND>", "<命令>")
            .replace("[COMMAND]", "[命令]"),
        Lang::En => text.to_owned(),
    }
}

/// How an argument is written, and what it is for.
fn line(arg: &Arg, lang: Lang) -> Line {
    let written = match arg.get_short() {
        Some(short) if arg.get_long().is_some() => format!("-{short}, {arg}"),
        None if !arg.is_positional() => format!("    {arg}"),
        _ => arg.to_string(),
    };
    let mut help = pieces(&arg.get_help().map(ToString::to_string).unwrap_or_default());
    if arg.get_action().takes_values() {
        let kinds = arg.get_possible_values();
        let kinds = kinds.iter().map(|kind| offered(kind, lang)).collect();
        let usual = arg.get_default_values().iter();
        let usual = usual.map(|usual| usual.to_string_lossy().into_owned());
        let [one, unless] = match lang {
            Lang::Zh => ["可选：", "默认："],
            Lang::En => ["one of: ", "default: "],
        };
        help.extend(bracket(one, kinds, lang));
        help.extend(bracket(unless, usual.collect(), lang));
    }
    (written, help)
}

/// Words in a bracket, each of which stays whole.
fn bracket(what: &str, words: Vec<String>, lang: Lang) -> Vec<String> {
    let last = words.len().saturating_sub(1);
    let words = words.into_iter().enumerate();
    let words = words.map(|(at, word)| {
        let before = if at == 0 {
            format!(" [{what}")
        } else {
            String::new()
        };
        let after = match (at == last, lang) {
            (true, _) => "]",
            (false, Lang::Zh) => "、",
            (false, Lang::En) => ", ",
        };
        before + &word + after
    });
    words.collect()
}

/// Lines of two columns below a heading; nothing of none.
fn section(text: &mut String, heading: &str, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    let widths = lines.iter().map(|(left, _)| width(left));
    let left = widths.filter(|width| *width <= LEFT).max().unwrap_or(0);
    text.extend(["\n", heading, "\n"]);
    let indent = " ".repeat(left + 4);
    for (written, help) in lines {
        let taken = width(written);
        let help = wrapped(help, LINE - left - 4).join(&format!("\n{indent}"));
        *text += &match (help.is_empty(), taken > left) {
            (true, _) => format!("  {written}\n"),
            (false, true) => format!("  {written}\n{indent}{help}\n"),
            (false, false) => format!("  {written}{}{help}\n", " ".repeat(left + 2 - taken)),
        };
    }
}

/// Pieces in lines of at most so many columns.
fn wrapped(pieces: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        let fits = |line: &String| width(line) + width(piece.trim_end()) <= columns;
        match lines.last_mut() {
            Some(line) if fits(line) => line.push_str(piece),
            _ => lines.push(piece.trim_start().to_owned()),
        }
    }
    let lines = lines.into_iter();
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// A text in pieces that a line may end behind.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut before = ' ';
    for ch in text.chars() {
        match pieces.last_mut() {
            Some(piece) if !may_break(before, ch) => piece.push(ch),
            _ => pieces.push(ch.to_string()),
        }
        before = ch;
    }
    pieces
}

/// Whether a line may end between two characters: behind a blank, or beside a wide character, but not so that a line begins with a
/// closing mark or ends with an opening one.
fn may_break(before: char, after: char) -> bool {
    const OPENING: &str = "（【《“‘([";
    const CLOSING: &str = "，。、；：！？）】》”’,.;:)]";
    let wide = |ch: char| width(&ch.to_string()) > 1;
    let marks = after == ' ' || CLOSING.contains(after) || OPENING.contains(before);
    !marks && (before == ' ' || wide(before) || wide(after))
}
