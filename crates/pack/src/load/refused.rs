//! What no pack may keep, count, pay or ask, and why. Limits on births are no public service since 2021 (人口与计划生育法, 2021-08-20: no
//! fee, art. 18 and 25); what they were enforced by stays out: fees and quotas of births, surgeries, contraception and pregnancy
//! checks as things that are counted, and rewards to informers. Births and deaths as plain statistics may be counted, but have no
//! target. Words are looked at however they are written: in either script, spaced, wide, in English or in pinyin.

use super::Load;
use crate::{Fault, Place, Text};

/// Why something is refused, and how it is told.
struct Reason {
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Words by which it is known, folded; each a row of parts that follow one another within a few characters.
    known_by: &'static [&'static [&'static str]],
}

const REFUSED: [Reason; 5] = [
    Reason {
        code: "refused-fee",
        zh: "2021年起法律不再对生育收费，规则包里不能有。",
        en: "Since 2021 the law knows no fee on births; a pack can't have one.",
        known_by: &[
            &["社会抚养费"],
            &["抚养费", "征收"],
            &["生育", "罚款"],
            &["生育", "收费"],
            &["生育", "征收"],
            &["超生"],
            &["计划外", "生育"],
            &["违法", "生育"],
            &["违规", "生育"],
            &["shehuifuyang"],
            &["chaosheng"],
            &["socialmaintenancefee"],
            &["socialupbringingfee"],
            &["feeonbirth"],
            &["birthfee"],
            &["fineforbirth"],
            &["illegalbirth"],
            &["unplannedbirth"],
            &["outofplanbirth"],
        ],
    },
    Reason {
        code: "refused-quota",
        zh: "生育没有指标、审批和任务，规则包里不能有；出生登记是服务，可以有。",
        en: "There are no quotas, permits or targets of births; a pack can't have one. Registering births is a service, and may be.",
        known_by: &[
            &["准生证"],
            &["生育证"],
            &["生育", "指标"],
            &["生育", "许可"],
            &["生育", "审批"],
            &["二孩", "审批"],
            &["出生", "指标"],
            &["出生", "任务"],
            &["出生", "限额"],
            &["出生", "控制"],
            &["控制", "出生"],
            &["计划生育率"],
            &["政策生育率"],
            &["符合政策", "生育"],
            &["zhunsheng"],
            &["shengyuzhibiao"],
            &["birthquota"],
            &["birthpermit"],
            &["birthtarget"],
            &["birthlimit"],
            &["birthcontrol"],
        ],
    },
    Reason {
        code: "refused-surgery",
        zh: "手术和避孕不登记、不统计；本人同意的健康服务可以有。",
        en: "Surgeries and contraception are neither kept nor counted; health services with consent may be.",
        known_by: &[
            &["四项", "手术"],
            &["节育"],
            &["绝育"],
            &["结扎"],
            &["上环"],
            &["放环"],
            &["取环"],
            &["人工流产"],
            &["引产"],
            &["终止妊娠"],
            &["避孕"],
            &["sixiangshoushu"],
            &["jieyushoushu"],
            &["jieyucuoshi"],
            &["jieza"],
            &["biyun"],
            &["sterilis"],
            &["steriliz"],
            &["vasectom"],
            &["tuballigation"],
            &["intrauterine"],
            &["abortion"],
            &["contracepti"],
        ],
    },
    Reason {
        code: "refused-check",
        zh: "不对任何人作孕情检查，也不登记、不统计。",
        en: "Nobody is checked for pregnancy; it is neither kept nor counted.",
        known_by: &[
            &["双情"],
            &["孕情"],
            &["孕检"],
            &["孕环"],
            &["环孕"],
            &["查孕"],
            &["查环"],
            &["yunqing"],
            &["yunjian"],
            &["shuangqing"],
            &["pregnancycheck"],
            &["pregnancytest"],
            &["pregnancyexam"],
        ],
    },
    Reason {
        code: "refused-informer",
        zh: "不奖励举报；居民的投诉另有渠道。",
        en: "Informers aren't rewarded; residents have a channel of their own for complaints.",
        known_by: &[
            &["举报", "奖"],
            &["奖", "举报"],
            &["举报", "酬"],
            &["检举", "奖"],
            &["jubaojiang"],
            &["jiangjubao"],
            &["informerreward"],
            &["informantreward"],
            &["rewardinformer"],
            &["rewardforinform"],
            &["rewardforreport"],
        ],
    },
];

/// A good that is handed out to whoever wants it, and no fact about anybody.
const GOODS: &str = "避孕药具";

/// How many characters may stand between two parts of a word.
const BETWEEN: usize = 6;

/// Characters of the other script that these words have.
const SCRIPT: [(char, char); 24] = [
    ('會', '会'),
    ('撫', '抚'),
    ('養', '养'),
    ('費', '费'),
    ('節', '节'),
    ('術', '术'),
    ('證', '证'),
    ('計', '计'),
    ('劃', '划'),
    ('罰', '罚'),
    ('獎', '奖'),
    ('舉', '举'),
    ('報', '报'),
    ('紮', '扎'),
    ('環', '环'),
    ('檢', '检'),
    ('違', '违'),
    ('規', '规'),
    ('準', '准'),
    ('許', '许'),
    ('審', '审'),
    ('務', '务'),
    ('絕', '绝'),
    ('產', '产'),
];

impl Load<'_, '_> {
    /// Looks at everything that is kept, asked, counted or paid.
    pub(super) fn refused(&self) {
        let pack = &self.pack;
        for register in &pack.registers {
            self.refuse(&register.place, [&*register.id], &[&register.name]);
            for field in &register.fields {
                let words = field.synonyms.iter().map(String::as_str);
                self.refuse(&field.place, words.chain([&*field.id]), &[&field.name]);
            }
        }
        for list in pack.lists() {
            self.refuse(&list.place, [&*list.id], &[&list.name]);
            for column in &list.columns {
                let words = column.synonyms.iter().map(String::as_str);
                self.refuse(&column.place, words.chain([&*column.id]), &[&column.name]);
            }
        }
        for list in &pack.codes {
            self.refuse(&list.place, [&*list.id], &[&list.name]);
            for member in list.members.iter().filter(|member| member.name.zh != GOODS) {
                let words = member.synonyms.iter().map(String::as_str);
                self.refuse(&list.place, words.chain([&*member.value]), &[&member.name]);
            }
        }
        for programme in &pack.programmes {
            let words = programme.synonyms.iter().map(String::as_str);
            self.refuse(
                &programme.place,
                words.chain([&*programme.id]),
                &[&programme.name],
            );
            for condition in &programme.conditions {
                self.refuse(&condition.place, [&*condition.id], &[&condition.name]);
            }
            for parameter in &programme.parameters {
                self.refuse(&parameter.place, [&*parameter.id], &[&parameter.name]);
            }
        }
        for subject in &pack.subjects {
            for fact in subject.facts() {
                self.refuse(&fact.place, [&*fact.id], &[&fact.name]);
            }
        }
        for indicator in &pack.indicators {
            self.refuse(&indicator.place, [&*indicator.id], &[&indicator.name]);
            self.no_target_on_births(indicator);
        }
        for dimension in &pack.dimensions {
            self.refuse(&dimension.place, [&*dimension.id], &[&dimension.name]);
        }
        for dashboard in &pack.dashboards {
            self.refuse(&dashboard.place, [&*dashboard.id], &[&dashboard.name]);
        }
    }

    fn refuse<'w>(
        &self,
        place: &Place,
        words: impl IntoIterator<Item = &'w str>,
        names: &[&'w Text],
    ) {
        let names = names.iter().flat_map(|name| [&*name.zh, &*name.en]);
        for word in words.into_iter().chain(names) {
            let folded = folded(word);
            let found = REFUSED.iter().find(|reason| reason.is_meant(&folded));
            if let Some(reason) = found {
                let fault = Fault::at(place.clone(), reason.code, reason.zh, reason.en);
                self.notes
                    .fault(fault.hint(format!("“{word}”请删去。"), format!("Take out “{word}”.")));
                return;
            }
        }
    }

    /// Births are counted, and nothing else is asked of them.
    fn no_target_on_births(&self, indicator: &crate::Indicator) {
        let Some(target) = indicator.targets.first() else {
            return;
        };
        let counted = self.pack.counted_parts(indicator);
        let names = counted.iter().chain([&indicator]);
        let named = |text: &Text| {
            let (zh, en) = (folded(&text.zh), folded(&text.en));
            zh.contains("出生")
                || zh.contains("生育")
                || en.contains("birth")
                || en.contains("fertility")
        };
        let births = self
            .pack
            .registers
            .iter()
            .filter(|register| named(&register.name));
        let births: Vec<&str> = births.map(|register| register.id.as_str()).collect();
        let counts = |sql: &str| {
            let mut words = sql.split(|ch: char| !(ch.is_ascii_alphanumeric() || ch == '_'));
            words.any(|word| births.contains(&word))
        };
        let mut about = names.filter(|one| {
            named(&one.name) || one.rows().is_some_and(|(rows, _)| counts(&rows.text))
        });
        if about.next().is_some() {
            let reason = &REFUSED[1];
            let fault = Fault::at(target.place.clone(), reason.code, reason.zh, reason.en);
            self.notes
                .fault(fault.hint("请删去 targets。", "Take out the targets."));
        }
    }
}

impl Reason {
    fn is_meant(&self, folded: &str) -> bool {
        self.known_by.iter().any(|parts| follow(folded, parts))
    }
}

/// Whether parts follow one another within a few characters.
fn follow(text: &str, parts: &[&str]) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return true;
    };
    text.match_indices(first).any(|(at, _)| {
        let after = &text[at + first.len()..];
        let Some(next) = rest.first() else {
            return true;
        };
        let near = after
            .find(next)
            .is_some_and(|next| after[..next].chars().count() <= BETWEEN);
        near && follow(after, rest)
    })
}

/// A word without what it is written with: blanks and marks, width, case, the other script.
fn folded(word: &str) -> String {
    let simple = |ch: char| {
        let other = SCRIPT.iter().find(|(other, _)| *other == ch);
        other.map_or(ch, |(_, simple)| *simple)
    };
    word.chars()
        .map(kernel::text::narrow)
        .map(simple)
        .filter(|ch| ch.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
