//! The one place that writes to the terminal: lines, aligned tables, JSON, progress, and failures.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernel::Lang;
use serde::Serialize;

use crate::failure::Failure;

/// How to speak to whoever runs the command.
pub struct Say {
    /// Their language.
    pub lang: Lang,
    /// Whether a program reads the output.
    pub json: bool,
    /// Who they are.
    pub who: String,
}

impl Say {
    /// Speaks a language, to a person or a program.
    pub fn new(lang: Lang, json: bool, who: String) -> Self {
        Self { lang, json, who }
    }

    /// The text of the language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// A line for people; silent when a program reads.
    pub fn line(&self, text: impl AsRef<str>) {
        if !self.json {
            write_out(text.as_ref());
        }
    }

    /// What a command that has nothing else to say ends with, for people and programs.
    pub fn done(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        let text = text.as_ref();
        match self.json {
            true => self.value(&serde_json::json!({ "done": text })),
            false => {
                write_out(text);
                Ok(())
            }
        }
    }

    /// A value for a program.
    pub fn value(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text =
            serde_json::to_string_pretty(value).map_err(|error| Failure::io("JSON", error))?;
        write_out(&text);
        Ok(())
    }

    /// A table for people: the first column left, the others right. Wide characters count as two.
    pub fn table(&self, header: &[&str], rows: &[Vec<String>]) {
        self.columns(header, rows, |column| column == 0);
    }

    /// A table of which some columns are words, which stand left; the others stand right.
    pub fn columns(&self, header: &[&str], rows: &[Vec<String>], words: impl Fn(usize) -> bool) {
        if self.json {
            return;
        }
        let widths: Vec<usize> = (0..header.len())
            .map(|column| {
                rows.iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| width(cell))
                    .chain([width(header[column])])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let line = |cells: &[&str]| {
            let mut text = String::new();
            for (column, cell) in cells.iter().enumerate() {
                let pad = " ".repeat(widths[column].saturating_sub(width(cell)));
                if column > 0 {
                    text.push_str("  ");
                }
                match words(column) {
                    true => text.extend([*cell, &pad]),
                    false => text.extend([&pad, *cell]),
                }
            }
            write_out(text.trim_end());
        };
        line(header);
        for row in rows {
            line(&row.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    /// A bar for work of known length; unseen when no terminal is there.
    pub fn bar(&self, length: u64, what: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(length), self.target());
        if let Ok(style) = ProgressStyle::with_template("{msg:28} {bar:30} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar
    }

    /// A sign of life for work of unknown length.
    pub fn working(&self, what: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.target());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    fn target(&self) -> ProgressDrawTarget {
        if std::io::stderr().is_terminal() && !self.json {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        }
    }

    /// Tells a failure; the code a shell sees is 2.
    pub fn failed(&self, failure: &Failure) -> ExitCode {
        let word = self.pick("错误：", "error: ");
        let _unheard = writeln!(std::io::stderr(), "{word}{}", failure.message(self.lang));
        ExitCode::from(2)
    }

    /// Text for people that is already laid out, on the side of errors.
    pub fn aside(&self, text: &str) {
        let _unheard = writeln!(std::io::stderr(), "{}", text.trim_end());
    }
}

fn write_out(text: &str) {
    // A reader that has gone away (`| head`) is no failure of ours.
    let _unheard = writeln!(std::io::stdout(), "{text}");
}

/// Columns a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if c.is_ascii() || ('\u{2010}'..='\u{203a}').contains(&c) {
                1
            } else {
                2
            }
        })
        .sum()
}
