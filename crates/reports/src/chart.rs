//! A bar chart of one figure by unit or group, and its drawing for pages as SVG; lines over time and pyramids have modules of their own.
//! The drawing is quiet and exact: white ground, near-black ink, one accent, every bar labelled with the figure as the report shows it;
//! it reads on paper without colour and aloud without sight. The same chart always gives the same bytes; nothing here counts anything.

pub mod line;
pub mod pyramid;

use crate::width;
use crate::xml::Xml;

/// The one colour of bars: dark enough to stand alone in black-and-white print.
pub(crate) const ACCENT: &str = "0B4F6C";
/// Near-black, for words and figures.
pub(crate) const INK: &str = "1A1A1A";
/// For what only helps to read: unit, ticks.
pub(crate) const FAINT: &str = "595959";
/// For grid lines.
pub(crate) const RULE: &str = "D0D0D0";

/// One figure, by unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What the figure is: "各社区常住人口".
    pub title: String,
    /// What it is counted in: "人", "‰".
    pub unit: String,
    /// How many decimals a bar's value carries: with 2, the value 407 is 4.07. At most 9.
    pub decimals: u8,
    /// The bars from top to bottom.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The unit's name.
    pub label: String,
    /// The value × 10^decimals.
    pub value: i64,
    /// The figure as text, as everywhere else in the report: "45,651".
    pub shown: String,
}

impl Chart {
    /// The chart in one sentence, for readers who don't see it.
    #[must_use]
    pub fn described(&self) -> String {
        let bars: Vec<String> = self
            .bars
            .iter()
            .map(|bar| format!("{} {}", bar.label, bar.shown))
            .collect();
        format!("{} ({}): {}", self.title, self.unit, bars.join("; "))
    }

    /// The chart as an `<svg>` element of so many CSS pixels (at least 240), to stand in a page or as a file of its own.
    #[must_use]
    pub fn to_svg(&self, width: u32) -> String {
        self.to_linked_svg(width, &[])
    }

    /// The same, in which each bar opens the address at its place.
    #[must_use]
    pub fn to_linked_svg(&self, width: u32, links: &[String]) -> String {
        let layout = Layout::of(self, i64::from(width.clamp(240, 10_000)));
        let (width, height) = (px(layout.width), px(layout.height));
        let mut xml = Xml::fragment();
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            // A picture that holds links is a group: as an image it would hide them.
            ("role", if links.is_empty() { "img" } else { "group" }),
            ("width", width.as_str()),
            ("height", &height),
            ("viewBox", &format!("0 0 {width} {height}")),
            (
                "font-family",
                "Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif",
            ),
            ("font-variant", "tabular-nums"),
            ("font-size", "13"),
            ("fill", &colour(INK)),
        ];
        xml.element("svg", &attributes, |xml| {
            xml.text("title", &[], &self.title);
            xml.text("desc", &[], &self.described());
            xml.empty(
                "rect",
                &[("width", &width), ("height", &height), ("fill", "#fff")],
            );
            xml.text(
                "text",
                &[
                    ("x", "0"),
                    ("y", "18"),
                    ("font-size", "15"),
                    ("font-weight", "600"),
                ],
                &self.title,
            );
            xml.text(
                "text",
                &[
                    ("x", "0"),
                    ("y", "36"),
                    ("font-size", "12"),
                    ("fill", &colour(FAINT)),
                ],
                &self.unit,
            );
            layout.grid(self, xml);
            let links = links
                .iter()
                .map(String::as_str)
                .chain(std::iter::repeat(""));
            for ((row, bar), link) in (0_i64..).zip(&self.bars).zip(links) {
                linked(xml, link, |xml| layout.bar(row, bar, xml));
            }
            layout.baseline(xml);
        });
        xml.finish()
    }

    /// A value of this chart as a plain decimal number: "4.07", "-0.50".
    pub(crate) fn decimal(&self, value: i64) -> String {
        decimal(value.into(), self.decimals, false)
    }

    /// Whether the report groups thousands by commas.
    pub(crate) fn groups(&self) -> bool {
        self.bars.iter().any(|bar| bar.shown.contains(','))
    }

    /// Where a drawn axis begins: at zero, so that lengths compare; below it with a step's room for the figures of falling bars.
    pub(crate) fn floor(&self) -> String {
        let axis = Axis::of(self);
        let from = if self.falls() {
            axis.from - axis.step
        } else {
            0
        };
        decimal(from, self.decimals, false)
    }

    /// Whether any bar goes below zero.
    pub(crate) fn falls(&self) -> bool {
        self.bars.iter().any(|bar| bar.value < 0)
    }
}

/// What is drawn, opening an address if there is one.
pub(crate) fn linked(xml: &mut Xml, link: &str, drawn: impl FnOnce(&mut Xml)) {
    match link {
        "" => drawn(xml),
        // The table beside it has the same links for who goes by keys.
        link => xml.element("a", &[("href", link), ("tabindex", "-1")], drawn),
    }
}

/// A scaled value in figures.
pub(crate) fn decimal(value: i128, decimals: u8, group: bool) -> String {
    let one = 10_u128.pow(u32::from(decimals.min(9)));
    let size = value.unsigned_abs();
    let mut whole = (size / one).to_string();
    if group {
        for at in (1..whole.len())
            .rev()
            .filter(|at| (whole.len() - at).is_multiple_of(3))
            .collect::<Vec<_>>()
        {
            whole.insert(at, ',');
        }
    }
    let sign = if value < 0 { "-" } else { "" };
    match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!(
            "{sign}{whole}.{:0width$}",
            size % one,
            width = usize::from(decimals.min(9))
        ),
    }
}

/// Round bounds around all values and zero, and the step between ticks. In scaled values.
pub(crate) struct Axis {
    pub from: i128,
    pub to: i128,
    pub step: i128,
}

impl Axis {
    fn of(chart: &Chart) -> Axis {
        Axis::around(chart.bars.iter().map(|bar| bar.value))
    }

    /// Bounds of some values.
    pub(crate) fn around(values: impl Iterator<Item = i64> + Clone) -> Axis {
        let values = || values.clone().map(i128::from);
        let low = values().min().unwrap_or(0).min(0);
        let high = values().max().unwrap_or(0).max(if low < 0 { 0 } else { 1 });
        let mut step = 1;
        let mut factors = [2, 5, 10].iter().cycle();
        let mut ten = 1;
        while (high - low) > step * 5 {
            let factor = factors.next().copied().unwrap_or(10);
            step = ten * factor;
            if factor == 10 {
                ten *= 10;
            }
        }
        Axis {
            from: low.div_euclid(step) * step,
            to: -(-high).div_euclid(step) * step,
            step,
        }
    }

    pub(crate) fn ticks(&self) -> impl Iterator<Item = i128> {
        let (from, step) = (self.from, self.step);
        (0..=(self.to - from) / step).map(move |n| from + n * step)
    }

    /// A tick in figures, with no more decimals than the steps need.
    fn shown(&self, tick: i128, chart: &Chart) -> String {
        self.tick(tick, chart.decimals, chart.groups())
    }

    /// The same of values with so many decimals.
    pub(crate) fn tick(&self, tick: i128, decimals: u8, groups: bool) -> String {
        let (mut step, mut tick, mut decimals) = (self.step, tick, decimals.min(9));
        while decimals > 0 && step % 10 == 0 {
            step /= 10;
            tick /= 10;
            decimals -= 1;
        }
        decimal(tick, decimals, groups)
    }
}

/// Where things stand. All lengths in tenths of a pixel, so that no floating point decides a byte.
struct Layout {
    axis: Axis,
    width: i64,
    height: i64,
    left: i64,
    right: i64,
    label_cells: usize,
}

const TOP: i64 = 480;
const ROW: i64 = 280;
const BAR: i64 = 160;
const FOOT: i64 = 300;
const CELL: i64 = 66; // half a Chinese character at 13 px
const DIGIT: i64 = 76; // a tabular figure at 13 px

impl Layout {
    fn of(chart: &Chart, pixels: i64) -> Layout {
        let width = pixels * 10;
        let widest =
            |texts: &mut dyn Iterator<Item = &str>| texts.map(width::cells).max().unwrap_or(0);
        let labels = widest(&mut chart.bars.iter().map(|bar| bar.label.as_str()));
        let label_cells = labels.min(usize::try_from(width * 2 / 5 / CELL).unwrap_or(0));
        let shown = widest(&mut chart.bars.iter().map(|bar| bar.shown.as_str())).min(30);
        let length = |cells: usize, each: i64| i64::try_from(cells).unwrap_or(0) * each;
        let left = length(label_cells, CELL)
            + 120
            + if chart.falls() {
                length(shown, DIGIT)
            } else {
                0
            };
        let right = (width - length(shown, DIGIT) - 100).max(left + 400);
        let rows = length(chart.bars.len(), ROW);
        Layout {
            axis: Axis::of(chart),
            width: width.max(right),
            height: TOP + rows + FOOT,
            left,
            right,
            label_cells,
        }
    }

    fn x(&self, value: i128) -> i64 {
        let span = i128::from(self.right - self.left);
        let offset = (value - self.axis.from) * span / (self.axis.to - self.axis.from).max(1);
        self.left + i64::try_from(offset).unwrap_or(0)
    }

    fn grid(&self, chart: &Chart, xml: &mut Xml) {
        let (top, bottom) = (px(TOP), px(self.height - FOOT));
        for tick in self.axis.ticks() {
            let x = px(self.x(tick));
            xml.empty(
                "line",
                &[
                    ("x1", &x),
                    ("x2", &x),
                    ("y1", &top),
                    ("y2", &bottom),
                    ("stroke", &colour(RULE)),
                    ("stroke-width", "0.5"),
                ],
            );
            let y = px(self.height - FOOT + 170);
            let text = self.axis.shown(tick, chart);
            xml.text(
                "text",
                &[
                    ("x", &x),
                    ("y", &y),
                    ("font-size", "11"),
                    ("fill", &colour(FAINT)),
                    ("text-anchor", "middle"),
                ],
                &text,
            );
        }
    }

    fn bar(&self, row: i64, bar: &Bar, xml: &mut Xml) {
        let y = TOP + row * ROW + (ROW - BAR) / 2;
        let baseline = px(y + BAR / 2 + 45);
        let (zero, end) = (self.x(0), self.x(bar.value.into()));
        let (from, length) = (zero.min(end), (end - zero).abs());
        let name = px(i64::try_from(self.label_cells).unwrap_or(0) * CELL + 40);
        xml.text(
            "text",
            &[("x", &name), ("y", &baseline), ("text-anchor", "end")],
            &width::cut(&bar.label, self.label_cells),
        );
        let place = [
            ("x", px(from)),
            ("y", px(y)),
            ("width", px(length)),
            ("height", px(BAR)),
            ("fill", colour(ACCENT)),
        ];
        xml.empty(
            "rect",
            &place.each_ref().map(|(key, value)| (*key, value.as_str())),
        );
        let (x, anchor) = if bar.value < 0 {
            (px(from - 60), "end")
        } else {
            (px(end + 60), "start")
        };
        xml.text(
            "text",
            &[("x", &x), ("y", &baseline), ("text-anchor", anchor)],
            &bar.shown,
        );
    }

    fn baseline(&self, xml: &mut Xml) {
        let (x, top, bottom) = (px(self.x(0)), px(TOP), px(self.height - FOOT));
        xml.empty(
            "line",
            &[
                ("x1", &x),
                ("x2", &x),
                ("y1", &top),
                ("y2", &bottom),
                ("stroke", &colour(INK)),
                ("stroke-width", "1"),
            ],
        );
    }
}

pub(crate) fn colour(hex: &str) -> String {
    format!("#{}", hex.to_lowercase())
}

/// Tenths of a pixel in figures.
pub(crate) fn px(tenths: i64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        _ => decimal(tenths.into(), 1, false),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn chart(decimals: u8, bars: &[(&str, i64, &str)]) -> Chart {
        let bars = bars.iter().map(|(label, value, shown)| Bar {
            label: (*label).into(),
            value: *value,
            shown: (*shown).into(),
        });
        Chart {
            title: "各社区常住人口".into(),
            unit: "人".into(),
            decimals,
            bars: bars.collect(),
        }
    }

    fn ticks(chart: &Chart) -> Vec<String> {
        let axis = Axis::of(chart);
        axis.ticks().map(|tick| axis.shown(tick, chart)).collect()
    }

    #[test]
    fn ticks_are_round_and_enclose_every_value() {
        assert_eq!(
            ticks(&chart(0, &[("a", 8012, "8,012"), ("b", 6000, "6,000")])),
            ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]
        );
        assert_eq!(
            ticks(&chart(2, &[("a", 407, "4.07")])),
            ["0", "1", "2", "3", "4", "5"]
        );
        assert_eq!(
            ticks(&chart(2, &[("a", 86, "0.86")])),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            ticks(&chart(2, &[("a", -120, "-1.20"), ("b", 40, "0.40")])),
            ["-1.5", "-1.0", "-0.5", "0.0", "0.5"]
        );
        assert_eq!(ticks(&chart(0, &[("a", 0, "0")])), ["0", "1"]);
        assert_eq!(ticks(&chart(0, &[])), ["0", "1"]);
        assert!(ticks(&chart(0, &[("a", i64::MAX, "x"), ("b", i64::MIN, "y")])).len() > 2);
    }

    #[test]
    fn a_drawing_is_well_formed_and_names_every_bar() {
        let chart = chart(
            0,
            &[
                ("和平社区 <1>", 8012, "8,012"),
                ("胜利社区居民委员会第二十一居民小组及其下属片区", 0, "0"),
            ],
        );
        let svg = chart.to_svg(480);
        let mut reader = quick_xml::Reader::from_str(&svg);
        while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
        assert!(svg.starts_with("<svg xmlns=") && svg.contains("<title>各社区常住人口</title>"));
        assert!(svg.contains(
            "和平社区 &lt;1&gt; 8,012; 胜利社区居民委员会第二十一居民小组及其下属片区 0"
        ));
        assert!(svg.contains("…"), "a label too long for the gutter is cut");
        assert_eq!(svg, chart.to_svg(480));
        assert!(!svg.contains("style="), "pages forbid inline styles");
    }

    #[test]
    fn bars_begin_at_zero_and_grow_in_proportion() {
        let chart = chart(0, &[("a", 50, "50"), ("b", 100, "100"), ("c", -50, "-50")]);
        let layout = Layout::of(&chart, 600);
        let zero = layout.x(0);
        assert!((layout.x(100) - zero - 2 * (layout.x(50) - zero)).abs() <= 1);
        assert!((zero - layout.x(-50) - (layout.x(50) - zero)).abs() <= 1);
        assert!(layout.x(100) <= layout.right && layout.x(-50) >= layout.left);
    }

    #[test]
    fn decimals_are_exact() {
        let chart = chart(2, &[]);
        assert_eq!(
            ["4.07", "-0.50", "0.00"],
            [407, -50, 0]
                .map(|value| chart.decimal(value))
                .each_ref()
                .map(String::as_str)
        );
        assert_eq!(decimal(-1_234_567, 0, true), "-1,234,567");
    }
}
