//! A figure over time as a line, in SVG: a point for each period, each opening what it counts. Where a period has no data the line is
//! broken, so that nothing is drawn that isn't known; the axis begins at zero.

use crate::chart::{ACCENT, Axis, FAINT, INK, RULE, colour, linked, px};
use crate::width;
use crate::xml::Xml;

/// A figure over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineChart {
    /// What the figure is.
    pub title: String,
    /// What it is counted in.
    pub unit: String,
    /// How many decimals a value carries.
    pub decimals: u8,
    /// The periods, in order.
    pub points: Vec<Point>,
}

/// A period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What the period is called, shortly.
    pub label: String,
    /// The value × 10^decimals; none where there is no data.
    pub value: Option<i64>,
    /// The figure as text.
    pub shown: String,
    /// What it opens; nothing if blank.
    pub link: String,
}

const TOP: i64 = 560;
const HEIGHT: i64 = 1900;
const FOOT: i64 = 420;
const DOT: &str = "3.5";

impl LineChart {
    /// The chart in one sentence, for readers who don't see it.
    #[must_use]
    pub fn described(&self) -> String {
        let points: Vec<String> = (self.points.iter())
            .map(|point| format!("{} {}", point.label, point.shown))
            .collect();
        format!("{} ({}): {}", self.title, self.unit, points.join("; "))
    }

    /// The chart as an `<svg>` element of so many CSS pixels (at least 240).
    #[must_use]
    pub fn to_svg(&self, pixels: u32) -> String {
        let layout = Layout::of(self, i64::from(pixels.clamp(240, 10_000)) * 10);
        let (width, height) = (px(layout.width), px(TOP + HEIGHT + FOOT));
        let mut xml = Xml::fragment();
        let view = format!("0 0 {width} {height}");
        let ink = colour(INK);
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("role", "group"),
            ("width", width.as_str()),
            ("height", &height),
            ("viewBox", &view),
            ("font-variant", "tabular-nums"),
            ("font-size", "12"),
            ("fill", &ink),
        ];
        xml.element("svg", &attributes, |xml| {
            xml.text("title", &[], &self.title);
            xml.text("desc", &[], &self.described());
            heading(xml, &self.title, &self.unit);
            layout.grid(self, xml);
            layout.line(self, xml);
            let mut before = true;
            for (nth, point) in self.points.iter().enumerate() {
                // Of periods without data only the first of a run says so.
                let first = before;
                before = point.value.is_some();
                match point.value.is_none() && !first {
                    true => layout.point(nth, point, first, xml),
                    false => linked(xml, &point.link, |xml| layout.point(nth, point, first, xml)),
                }
            }
        });
        xml.finish()
    }
}

/// What a chart is of, over it.
pub(super) fn heading(xml: &mut Xml, title: &str, unit: &str) {
    let bold = [
        ("x", "0"),
        ("y", "18"),
        ("font-size", "15"),
        ("font-weight", "600"),
    ];
    xml.text("text", &bold, title);
    let faint = colour(FAINT);
    xml.text("text", &[("x", "0"), ("y", "36"), ("fill", &faint)], unit);
}

/// Where things stand, in tenths of a pixel.
struct Layout {
    axis: Axis,
    width: i64,
    left: i64,
    step: i64,
    /// Every how-manieth label is written: as many as have room.
    every: usize,
    groups: bool,
}

impl Layout {
    fn of(line: &LineChart, width: i64) -> Layout {
        let axis = Axis::around(line.points.iter().filter_map(|point| point.value));
        let groups = line.points.iter().any(|point| point.shown.contains(','));
        let ticks = axis
            .ticks()
            .map(|tick| axis.tick(tick, line.decimals, groups));
        let widest = ticks.map(|tick| width::cells(&tick)).max().unwrap_or(1);
        let length = |cells: usize| i64::try_from(cells).unwrap_or(0) * 72;
        let left = length(widest) + 120;
        let count = i64::try_from(line.points.len()).unwrap_or(1).max(1);
        let step = (width - left - 100) / count;
        let texts = line
            .points
            .iter()
            .flat_map(|point| [&point.label, &point.shown]);
        let label = length(texts.map(|text| width::cells(text)).max().unwrap_or(1)) + 60;
        Layout {
            axis,
            width,
            left,
            step,
            every: usize::try_from((label + step - 1) / step.max(1))
                .unwrap_or(1)
                .max(1),
            groups,
        }
    }

    fn x(&self, nth: usize) -> i64 {
        self.left + self.step * i64::try_from(nth).unwrap_or(0) + self.step / 2
    }

    fn y(&self, value: i128) -> i64 {
        let span = (self.axis.to - self.axis.from).max(1);
        let up = (value - self.axis.from) * i128::from(HEIGHT) / span;
        TOP + HEIGHT - i64::try_from(up).unwrap_or(0)
    }

    fn grid(&self, line: &LineChart, xml: &mut Xml) {
        let (left, right) = (px(self.left), px(self.width - 50));
        for tick in self.axis.ticks() {
            let y = px(self.y(tick));
            let (rule, wide) = match tick {
                0 => (colour(INK), "1"),
                _ => (colour(RULE), "0.5"),
            };
            let place = [
                ("x1", left.as_str()),
                ("x2", &right),
                ("y1", &y),
                ("y2", &y),
            ];
            xml.empty(
                "line",
                &[&place[..], &[("stroke", &rule), ("stroke-width", wide)]].concat(),
            );
            let (x, y, faint) = (px(self.left - 60), px(self.y(tick) + 40), colour(FAINT));
            let text = self.axis.tick(tick, line.decimals, self.groups);
            let place = [("x", x.as_str()), ("y", &y), ("font-size", "11")];
            xml.text(
                "text",
                &[&place[..], &[("text-anchor", "end"), ("fill", &faint)]].concat(),
                &text,
            );
        }
    }

    /// The line, broken where there is no data.
    fn line(&self, line: &LineChart, xml: &mut Xml) {
        let mut path = String::new();
        let mut drawn = false;
        for (nth, point) in line.points.iter().enumerate() {
            let Some(value) = point.value else {
                drawn = false;
                continue;
            };
            let to = format!("{} {}", px(self.x(nth)), px(self.y(value.into())));
            path += match drawn {
                true => " L",
                false => " M",
            };
            path += &to;
            drawn = true;
        }
        if !path.is_empty() {
            let accent = colour(ACCENT);
            let look = [
                ("fill", "none"),
                ("stroke", accent.as_str()),
                ("stroke-width", "2"),
            ];
            xml.empty("path", &[&[("d", path.trim_start())], &look[..]].concat());
        }
    }

    fn point(&self, nth: usize, point: &Point, first: bool, xml: &mut Xml) {
        let (x, faint) = (px(self.x(nth)), colour(FAINT));
        let named = nth.is_multiple_of(self.every);
        if named {
            let y = px(TOP + HEIGHT + 200);
            let place = [("x", x.as_str()), ("y", &y), ("text-anchor", "middle")];
            xml.text("text", &place, &point.label);
        }
        match point.value {
            Some(value) => {
                let (y, accent) = (self.y(value.into()), colour(ACCENT));
                let dot = [("cx", x.as_str()), ("cy", &px(y)), ("r", DOT)]
                    .map(|(key, value)| (key, value.to_owned()));
                let mut dot: Vec<(&str, &str)> = dot
                    .iter()
                    .map(|(key, value)| (*key, value.as_str()))
                    .collect();
                dot.push(("fill", &accent));
                xml.element("circle", &dot, |xml| {
                    xml.text("title", &[], &format!("{} {}", point.label, point.shown));
                });
                if named {
                    let y = px(y - 80);
                    xml.text(
                        "text",
                        &[("x", &x), ("y", &y), ("text-anchor", "middle")],
                        &point.shown,
                    );
                }
            }
            None if !first => {}
            None => {
                let y = px(TOP + HEIGHT - 60);
                let place = [("x", x.as_str()), ("y", &y), ("text-anchor", "middle")];
                let look = [&place[..], &[("fill", &faint)]].concat();
                xml.text("text", &look, &point.shown);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(label: &str, value: Option<i64>) -> Point {
        Point {
            label: label.to_owned(),
            value,
            shown: value.map_or_else(|| "无数据".to_owned(), |value| value.to_string()),
            link: format!("/x?period={label}"),
        }
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_data_and_each_point_opens() {
        let line = LineChart {
            title: "总人口".into(),
            unit: "人".into(),
            decimals: 0,
            points: vec![
                point("2022", None),
                point("2023", Some(10)),
                point("2024", None),
                point("2025", Some(20)),
            ],
        };
        let svg = line.to_svg(480);
        assert!(
            svg.contains("d=\"M") && svg.matches(" M").count() == 1,
            "{svg}"
        );
        assert!(
            !svg.contains(" L"),
            "no line leads over a year without data"
        );
        assert_eq!(svg.matches("<a href=").count(), 4);
        assert!(
            svg.contains("<desc>总人口 (人): 2022 无数据; 2023 10; 2024 无数据; 2025 20</desc>")
        );
        assert!(!svg.contains("style="), "pages forbid inline styles");
    }
}
