//! What is told of a command that can't be understood, in the reader's language: what is wrong, what was probably meant, how it is
//! written. Each kind of error that clap knows has its own sentence; clap's are English only.

use std::error::Error as _;
use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use kernel::Lang;

use super::help::{command, usage};
use super::values::{Refused, offered};

/// What is wrong with what was typed, and what to do.
pub fn told(error: &Error, typed: &[OsString], lang: Lang) -> String {
    let all = command(lang);
    let meant = meant(&all, typed);
    let mut text = what(error, lang);
    for hint in hints(error, meant, lang) {
        text += &format!("\n{hint}");
    }
    // A value alone that can't be taken doesn't make the whole command doubtful.
    if error.get(ContextKind::Usage).is_some() {
        let used = usage(&mut meant.clone(), lang);
        text += &match lang {
            Lang::Zh => format!("\n用法：{used}"),
            Lang::En => format!("\nUsage: {used}"),
        };
    }
    let name = meant.get_bin_name().unwrap_or_else(|| meant.get_name());
    text + &match lang {
        Lang::Zh => format!("\n说明：{name} --help"),
        Lang::En => format!("\nMore: {name} --help"),
    }
}

/// The command that what was typed leads to.
fn meant<'c>(all: &'c Command, typed: &[OsString]) -> &'c Command {
    let words = typed.iter().skip(1).filter_map(|word| word.to_str());
    let words = words.filter(|word| *word != "help");
    words.fold(all, |command, word| {
        command.find_subcommand(word).unwrap_or(command)
    })
}

/// What is wrong.
fn what(error: &Error, lang: Lang) -> String {
    let one = |kind| texts(error, kind).join(", ");
    let arg = one(ContextKind::InvalidArg);
    let value = one(ContextKind::InvalidValue);
    let (zh, en) = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => {
            (format!("{arg} 缺少内容"), format!("{arg} needs a value"))
        }
        ErrorKind::InvalidValue => (
            format!("“{value}”不能用作 {arg}"),
            format!("“{value}” can't be the value of {arg}"),
        ),
        ErrorKind::ValueValidation => {
            let why = error.source().and_then(|why| why.downcast_ref::<Refused>());
            let why = |lang| why.map_or("", |why| why.message(lang));
            (
                format!("“{value}”不能用作 {arg}：{}", why(Lang::Zh)),
                format!("“{value}” can't be the value of {arg}: {}", why(Lang::En)),
            )
        }
        ErrorKind::UnknownArgument if arg.starts_with('-') => (
            format!("这里没有选项 {arg}"),
            format!("there is no option {arg} here"),
        ),
        ErrorKind::UnknownArgument => (
            format!("多写了“{arg}”"),
            format!("“{arg}” is one argument too many"),
        ),
        ErrorKind::InvalidSubcommand => {
            let asked = one(ContextKind::InvalidSubcommand);
            (
                format!("没有命令“{asked}”"),
                format!("there is no command “{asked}”"),
            )
        }
        ErrorKind::ArgumentConflict => conflict(error, &arg),
        ErrorKind::MissingRequiredArgument => {
            let missing = texts(error, ContextKind::InvalidArg);
            (
                format!("缺少 {}", missing.join("、")),
                format!("missing: {}", missing.join(", ")),
            )
        }
        ErrorKind::MissingSubcommand => (
            format!("{} 后面要写命令", one(ContextKind::InvalidSubcommand)),
            format!("{} needs a command", one(ContextKind::InvalidSubcommand)),
        ),
        ErrorKind::TooManyValues => (
            format!("{arg} 后面多写了“{value}”"),
            format!("{arg} takes no “{value}”"),
        ),
        ErrorKind::InvalidUtf8 => (
            "命令里有不是 UTF-8 的字符".to_owned(),
            "the command holds characters that aren't UTF-8".to_owned(),
        ),
        _ => (
            "命令写法有误".to_owned(),
            "the command isn't written as it has to be".to_owned(),
        ),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// Two arguments that don't go together, or one that stands there twice.
fn conflict(error: &Error, arg: &str) -> (String, String) {
    let others = texts(error, ContextKind::PriorArg);
    match &others[..] {
        [] => (
            format!("{arg} 不能与其他选项同时使用"),
            format!("{arg} can't be used with other options"),
        ),
        [other] if other == arg => (
            format!("{arg} 只能写一次"),
            format!("{arg} can be given only once"),
        ),
        others => (
            format!("{arg} 不能与 {} 同时使用", others.join("、")),
            format!("{arg} can't be used with {}", others.join(", ")),
        ),
    }
}

/// What was probably meant, and what there is.
fn hints(error: &Error, meant: &Command, lang: Lang) -> Vec<String> {
    let mut hints = Vec::new();
    let likely = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let likely: Vec<String> = (likely.into_iter())
        .flat_map(|kind| texts(error, kind))
        .collect();
    if !likely.is_empty() {
        hints.push(match lang {
            Lang::Zh => format!("是否指：{}", likely.join("、")),
            Lang::En => format!("perhaps you meant: {}", likely.join(", ")),
        });
    }
    let there = there(error, meant, lang);
    if !there.is_empty() {
        hints.push(match lang {
            Lang::Zh => format!("可用的有：{}", there.join("、")),
            Lang::En => format!("there are: {}", there.join(", ")),
        });
    }
    if error.kind() == ErrorKind::UnknownArgument {
        hints.extend(elsewhere(error, meant, lang));
    }
    hints
}

/// What would be taken: the values of an argument, the commands.
fn there(error: &Error, meant: &Command, lang: Lang) -> Vec<String> {
    let of = texts(error, ContextKind::InvalidArg).join(" ");
    let arg = meant.get_arguments().find(|arg| arg.to_string() == of);
    match arg.filter(|_| error.kind() == ErrorKind::InvalidValue) {
        Some(arg) => {
            let kinds = arg.get_possible_values();
            kinds.iter().map(|kind| offered(kind, lang)).collect()
        }
        None => texts(error, ContextKind::ValidSubcommand),
    }
}

/// The commands that have an option which this one hasn't; and how something that begins with a hyphen is written.
fn elsewhere(error: &Error, meant: &Command, lang: Lang) -> Vec<String> {
    let asked = texts(error, ContextKind::InvalidArg).join(" ");
    let Some(long) = asked.strip_prefix("--") else {
        let values = asked.starts_with('-') && meant.get_positionals().next().is_some();
        return match (values, lang) {
            (false, _) => Vec::new(),
            (true, Lang::Zh) => vec![format!("“{asked}”若是内容而不是选项，请写在“--”之后")],
            (true, Lang::En) => vec![format!(
                "if “{asked}” is a value and no option, write it after “--”"
            )],
        };
    };
    let has = |below: &&Command| {
        let mut args = below.get_arguments();
        args.any(|arg| arg.get_long() == Some(long))
    };
    let below = meant.get_subcommands().filter(has);
    let below: Vec<&str> = below.map(Command::get_name).collect();
    match (below.is_empty(), lang) {
        (true, _) => Vec::new(),
        (false, Lang::Zh) => vec![format!("有这个选项的命令：{}", below.join("、"))],
        (false, Lang::En) => vec![format!("commands that have it: {}", below.join(", "))],
    }
}

fn texts(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
