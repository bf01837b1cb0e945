//! Faults as a reader at a terminal wants them: what is wrong, the line with a caret under the place, what to do. The drawing is
//! miette's; the words are the faults' own, in the language asked for.

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::Arc;

use kernel::Lang;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity,
    SourceCode,
};

use crate::fault::count;
use crate::{Fault, Place, SourceFile};

/// The most bytes of one place that are drawn; the rest of a long query would only push the message away.
const LONGEST_DRAWN: usize = 400;

/// All faults, each with file, line, caret and hint, and a last line with their number.
pub fn render(files: &[SourceFile], faults: &[Fault], lang: Lang, color: bool) -> String {
    let theme = if color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_context_lines(1)
        .with_width(120);
    let sources: Vec<Arc<str>> = files.iter().map(|f| Arc::from(f.text.as_str())).collect();
    let view = View {
        files,
        sources: &sources,
        handler: &handler,
        lang,
        color,
    };
    let mut out = String::new();
    for fault in faults {
        // Writing to a string doesn't fail.
        let _ = view.fault(fault, &mut out);
    }
    out.push_str(&match (lang, faults.len()) {
        (Lang::Zh, 0) => "没有发现错误。\n".to_owned(),
        (Lang::Zh, n) => format!("共 {n} 处错误。\n"),
        (Lang::En, 0) => "No faults found.\n".to_owned(),
        (Lang::En, n) => format!("{} in all.\n", count(n)),
    });
    out
}

struct View<'a> {
    files: &'a [SourceFile],
    sources: &'a [Arc<str>],
    handler: &'a GraphicalReportHandler,
    lang: Lang,
    color: bool,
}

impl View<'_> {
    fn fault(&self, fault: &Fault, out: &mut String) -> fmt::Result {
        let file = fault.place.as_ref().map(|p| p.file);
        let (near, far): (Vec<_>, Vec<_>) = fault
            .related
            .iter()
            .partition(|(p, _)| Some(p.file) == file);
        let mut labels: Vec<LabeledSpan> = Vec::new();
        if let Some(place) = &fault.place {
            labels.push(LabeledSpan::new_primary_with_span(None, self.drawn(place)));
        }
        labels.extend(near.iter().map(|(p, words)| {
            LabeledSpan::new_with_span(Some(words.get(self.lang).to_owned()), self.drawn(p))
        }));
        let shown = Shown {
            message: fault.message.get(self.lang).to_owned(),
            code: Some(fault.code),
            source: file.and_then(|f| self.source(f)),
            labels,
        };
        self.handler.render_report(out, &shown)?;
        for (place, words) in far {
            let shown = Shown {
                message: words.get(self.lang).to_owned(),
                code: None,
                source: self.source(place.file),
                labels: vec![LabeledSpan::new_primary_with_span(None, self.drawn(place))],
            };
            self.handler.render_report(out, &shown)?;
        }
        if let Some(hint) = &fault.hint {
            let title = match self.lang {
                Lang::Zh => "提示：",
                Lang::En => "Hint: ",
            };
            let (on, off) = if self.color {
                ("\u{1b}[36m", "\u{1b}[0m")
            } else {
                ("", "")
            };
            writeln!(out, "  {on}{title}{off}{}", hint.get(self.lang))?;
        }
        out.push('\n');
        Ok(())
    }

    fn source(&self, file: usize) -> Option<NamedSource<Arc<str>>> {
        Some(NamedSource::new(
            &self.files.get(file)?.path,
            self.sources.get(file)?.clone(),
        ))
    }

    /// The part of a place that is drawn: inside the file, on character boundaries, and only the first line of a long one.
    fn drawn(&self, place: &Place) -> Range<usize> {
        let Some(text) = self.sources.get(place.file) else {
            return 0..0;
        };
        let start = text.floor_char_boundary(place.span.start.min(text.len()));
        let end = text.ceil_char_boundary(place.span.end.clamp(start, text.len()));
        if end - start <= LONGEST_DRAWN {
            return start..end;
        }
        let start = start
            + text[start..end]
                .find(|c| c != '\n' && c != '\r')
                .unwrap_or(0);
        let line = text[start..end]
            .find(['\n', '\r'])
            .map_or(end, |n| start + n);
        start..text.floor_char_boundary(line.min(start + LONGEST_DRAWN))
    }
}

/// One fault, or one related place, as miette wants it.
#[derive(Debug)]
struct Shown {
    message: String,
    code: Option<&'static str>,
    source: Option<NamedSource<Arc<str>>>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code
            .map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<Severity> {
        Some(if self.code.is_some() {
            Severity::Error
        } else {
            Severity::Advice
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|s| s as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
