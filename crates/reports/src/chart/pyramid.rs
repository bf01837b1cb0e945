//! Two groups side by side over the stretches of a dimension, in SVG: a pyramid of ages. The lowest stretch stands lowest; the two sides
//! are told apart by their place and hatching, not by colour alone, and each bar opens what it counts.

use crate::chart::line::heading;
use crate::chart::{ACCENT, FAINT, INK, colour, decimal, linked, px};
use crate::width;
use crate::xml::Xml;

/// Two groups over some stretches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pyramid {
    /// What is counted.
    pub title: String,
    /// What it is counted in.
    pub unit: String,
    /// What the left and the right side are called.
    pub sides: [String; 2],
    /// The stretches, the lowest first.
    pub rows: Vec<PyramidRow>,
}

/// A stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PyramidRow {
    /// What it is called.
    pub label: String,
    /// How many there are on each side, with what each opens.
    pub sides: [(i64, String); 2],
}

const TOP: i64 = 720;
const ROW: i64 = 200;
const BAR: i64 = 150;
const FOOT: i64 = 100;
const CELL: i64 = 64;

impl Pyramid {
    /// The chart in one sentence, for readers who don't see it.
    #[must_use]
    pub fn described(&self) -> String {
        let [left, right] = &self.sides;
        let rows = self.rows.iter().map(|row| {
            let [(one, _), (other, _)] = &row.sides;
            format!("{}: {left} {one}, {right} {other}", row.label)
        });
        let rows: Vec<String> = rows.collect();
        format!("{} ({}): {}", self.title, self.unit, rows.join("; "))
    }

    /// The chart as an `<svg>` element of so many CSS pixels (at least 240).
    #[must_use]
    pub fn to_svg(&self, pixels: u32) -> String {
        let width = i64::from(pixels.clamp(240, 10_000)) * 10;
        let rows = i64::try_from(self.rows.len()).unwrap_or(0);
        let (wide, high) = (px(width), px(TOP + rows * ROW + FOOT));
        let view = format!("0 0 {wide} {high}");
        let ink = colour(INK);
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("role", "group"),
            ("width", wide.as_str()),
            ("height", &high),
            ("viewBox", &view),
            ("font-variant", "tabular-nums"),
            ("font-size", "11"),
            ("fill", &ink),
        ];
        let layout = Layout::of(self, width);
        let mut xml = Xml::fragment();
        xml.element("svg", &attributes, |xml| {
            xml.text("title", &[], &self.title);
            xml.text("desc", &[], &self.described());
            heading(xml, &self.title, &self.unit);
            for (nth, name) in self.sides.iter().enumerate() {
                let x = px(layout.middle[nth]);
                let anchor = ["end", "start"][nth];
                let place = [("x", x.as_str()), ("y", "64"), ("text-anchor", anchor)];
                xml.text(
                    "text",
                    &[&place[..], &[("font-weight", "600"), ("font-size", "13")]].concat(),
                    name,
                );
            }
            for (at, row) in (0_i64..).zip(self.rows.iter().rev()) {
                layout.row(at, row, xml);
            }
        });
        xml.finish()
    }
}

/// Where things stand, in tenths of a pixel.
struct Layout {
    /// Where the left side ends and the right one begins.
    middle: [i64; 2],
    /// How long the longest bar is, and what it counts.
    longest: (i64, i64),
}

impl Layout {
    fn of(pyramid: &Pyramid, width: i64) -> Layout {
        let labels = pyramid.rows.iter().map(|row| width::cells(&row.label));
        let label = i64::try_from(labels.max().unwrap_or(4)).unwrap_or(4) * CELL + 120;
        let most = pyramid.rows.iter().flat_map(|row| &row.sides);
        let most = most.map(|(count, _)| *count).max().unwrap_or(0).max(1);
        let digits = i64::try_from(most.to_string().len() + 1).unwrap_or(2) * 70;
        Layout {
            middle: [(width - label) / 2, (width + label) / 2],
            longest: (((width - label) / 2 - digits - 60).max(200), most),
        }
    }

    fn row(&self, at: i64, row: &PyramidRow, xml: &mut Xml) {
        let top = TOP + at * ROW;
        let baseline = px(top + BAR / 2 + 40);
        let centre = px(i64::midpoint(self.middle[0], self.middle[1]));
        let faint = colour(FAINT);
        let place = [
            ("x", centre.as_str()),
            ("y", &baseline),
            ("text-anchor", "middle"),
        ];
        xml.text(
            "text",
            &[&place[..], &[("fill", &faint)]].concat(),
            &row.label,
        );
        for (nth, (count, link)) in row.sides.iter().enumerate() {
            let length =
                i128::from(self.longest.0) * i128::from(*count) / i128::from(self.longest.1);
            let length = i64::try_from(length).unwrap_or(0);
            let (x, end) = match nth {
                0 => (self.middle[0] - length, self.middle[0] - length - 50),
                _ => (self.middle[1], self.middle[1] + length + 50),
            };
            let (accent, white) = (colour(ACCENT), "#fff".to_owned());
            // The left side is an outline, the right one is filled.
            let fill = if nth == 0 { white } else { accent.clone() };
            let bar = [
                ("x", px(x)),
                ("y", px(top)),
                ("width", px(length)),
                ("height", px(BAR)),
                ("fill", fill),
                ("stroke", accent),
            ];
            let bar = bar.each_ref().map(|(key, value)| (*key, value.as_str()));
            linked(xml, link, |xml| {
                xml.empty("rect", &bar);
                let (x, anchor) = (px(end), ["end", "start"][nth]);
                let shown = decimal(i128::from(*count), 0, true);
                let place = [("x", x.as_str()), ("y", &baseline), ("text-anchor", anchor)];
                xml.text("text", &place, &shown);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_youngest_stand_lowest_and_every_bar_opens() {
        let row = |label: &str, one, other| PyramidRow {
            label: label.into(),
            sides: [(one, format!("/a?{label}")), (other, format!("/b?{label}"))],
        };
        let pyramid = Pyramid {
            title: "总人口".into(),
            unit: "人".into(),
            sides: ["男".into(), "女".into()],
            rows: vec![row("0—4岁", 10, 9), row("5—9岁", 1200, 8)],
        };
        let svg = pyramid.to_svg(600);
        assert!(svg.find(">5—9岁<") < svg.find(">0—4岁<"));
        assert_eq!(svg.matches("<a href=").count(), 4);
        assert!(svg.contains(">1,200<"));
        assert!(svg.contains("0—4岁: 男 10, 女 9"));
    }
}
