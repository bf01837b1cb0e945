//! Finding within rights: by what is shown in clear, and by nothing else, however often it is tried; and in an order that can be paged.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::Sensitivity;
use office::{Among, Hits, Leads, Office, Part, View};
use pack::{Pack, SourceFile};

use crate::readers::{ON, ONE, PEOPLE, TWO, street};

const CLEAR: [Sensitivity; 3] = [Sensitivity::Phone, Sensitivity::Address, Sensitivity::Id];

fn running(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(test);
}

async fn find(view: &View, typed: &str) -> Hits {
    let part = Part {
        offset: 0,
        limit: 200,
    };
    let found = view.find(typed, ON, Among::Everything, part).await;
    found.unwrap()
}

async fn view(office: &Office, who: &str) -> View {
    office.view(Some(who), "/test").await.unwrap()
}

/// Who or what was found, in words.
fn titles(hits: &Hits) -> Vec<&str> {
    let hits = hits.hits.iter();
    hits.map(|hit| hit.title.as_deref().unwrap_or("—"))
        .collect()
}

#[test]
fn people_are_found_as_one_types() {
    running(async {
        let (office, numbers) = street(testhouse::national(), &[]).await;
        let own = view(&office.clone().revealing(&CLEAR, "visit"), "甲员").await;
        for (typed, found) in [
            ("甲一二", vec!["甲一二"]),
            ("一二", vec!["甲一二"]),
            ("jiayier", vec!["甲一二"]),
            ("JYE", vec!["甲一二"]),
            ("yier", vec!["甲一二"]),
            ("13800000012", vec!["甲一二"]),
            ("138 0000 0012", vec!["甲一二"]),
            ("00012", vec!["甲一二"]),
            (numbers[0][12].as_str(), vec!["甲一二"]),
            ("0路12号", vec!["012"]),
            ("012", vec!["012"]),
        ] {
            let hits = find(&own, typed).await;
            assert_eq!(titles(&hits), found, "{typed}");
            assert_eq!(hits.total, 1, "{typed}");
        }
        for nothing in [
            "",
            " ",
            "j",
            "012345",
            "12",
            "乙一二",
            "yiyier",
            "13810000012",
        ] {
            assert_eq!(find(&own, nothing).await.total, 0, "{nothing}");
        }
        let hit = find(&own, "甲一二").await.hits.remove(0);
        assert!(matches!(hit.leads, Leads::Person(_)));
        assert_eq!(hit.birth.unwrap().to_string(), "1962-01-13");
        assert_eq!(hit.address.as_deref(), Some("0路12号"));
        assert_eq!(hit.head, None, "it is the person themselves");
        let by = find(&own, "0012").await.hits.remove(0).by.unwrap();
        assert_eq!(by.value, "13800000012");
    });
}

#[test]
fn those_found_are_in_order_and_paged() {
    running(async {
        let (office, _) = street(testhouse::national(), &[]).await;
        let own = view(&office, "甲员").await;
        let all = find(&own, "甲零").await;
        let names: Vec<String> = (0..10).map(|nth| testhouse::name(0, nth)).collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(
            (titles(&all), all.total),
            (sorted.iter().map(String::as_str).collect(), 10)
        );
        let mut paged = Vec::new();
        for offset in [0, 4, 8, 12] {
            let part = Part { offset, limit: 4 };
            let hits = own.find("甲零", ON, Among::People, part).await.unwrap();
            assert_eq!(hits.total, 10);
            paged.extend(hits.hits);
        }
        assert_eq!(paged, all.hits);
        // The whole name is nearer than those that begin so or have it inside.
        let nearest = find(&own, "甲一").await;
        assert_eq!(
            titles(&nearest)[0].chars().take(2).collect::<String>(),
            "甲一"
        );
    });
}

#[test]
fn what_is_masked_is_found_by_nothing() {
    running(async {
        let (office, numbers) = street(testhouse::national(), &[]).await;
        // Telephones and addresses are masked for the one, everything for the other.
        let (masked, hidden) = (view(&office, "甲员").await, view(&office, "察员").await);
        let whole = view(&office.clone().revealing(&CLEAR, "visit"), "主任").await;
        for nth in [0, 7, PEOPLE - 1] {
            let telephone = format!("1380{nth:07}");
            let number = &numbers[0][usize::from(nth)];
            for length in 4..=telephone.len() {
                for part in [&telephone[telephone.len() - length..], &telephone[..length]] {
                    for view in [&masked, &hidden] {
                        assert_eq!(find(view, part).await.total, 0, "{part}");
                    }
                }
            }
            let address = format!("0路{nth}号");
            for typed in [address.clone(), format!("路{nth}"), format!("0路{nth}")] {
                for view in [&masked, &hidden] {
                    assert_eq!(find(view, &typed).await.total, 0, "{typed}");
                }
                assert!(find(&whole, &typed).await.total > 0, "{typed}");
            }
            let name = testhouse::name(0, nth);
            for typed in [
                &name,
                &name[..3],
                &name[3..],
                "jialing",
                "jl",
                "jia",
                "ling",
            ] {
                assert_eq!(find(&hidden, typed).await.total, 0, "{typed}");
            }
            // Of an ID number no part finds anybody, not even for who sees it whole.
            for length in 2..number.len() {
                for part in [&number[..length], &number[number.len() - length..]] {
                    for hit in find(&whole, part).await.hits {
                        let by = hit.by.expect("it is found by something that is shown");
                        assert!(by.value.contains(part), "{part} {by:?}");
                    }
                }
            }
            // What is found is shown as everywhere.
            let shown = format!("{:?}", find(&masked, &name).await);
            for secret in [&telephone[3..7], &address, number.as_str()] {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
    });
}

#[test]
fn two_readers_of_one_index_find_their_own() {
    running(async {
        let (office, _) = street(testhouse::national(), &[]).await;
        let office = office.revealing(&CLEAR, "visit");
        let readers = [view(&office, "甲员").await, view(&office, "乙员").await];
        let whole = view(&office, "主任").await;
        let tried = [
            "零一", "lingyi", "0001", "ly", "路1", "015", "甲", "乙", "jia", "yi",
        ];
        for typed in tried {
            let mut parts = BTreeSet::new();
            for (unit, reader) in [ONE, TWO].into_iter().zip(&readers) {
                let hits = find(reader, typed).await;
                for hit in &hits.hits {
                    assert_eq!(hit.unit.unwrap().as_str(), unit, "{typed}: {hit:?}");
                    assert!(parts.insert(hit.leads), "{typed}");
                }
                assert_eq!(hits.total, hits.hits.len());
            }
            let all: BTreeSet<Leads> = find(&whole, typed)
                .await
                .hits
                .iter()
                .map(|hit| hit.leads)
                .collect();
            assert_eq!(parts, all, "{typed}");
        }
    });
}

/// Somebody who is shown telephones, but not whose they are.
fn with_switchboard() -> Arc<Pack> {
    let mut files: Vec<SourceFile> = testhouse::national().files.clone();
    let role = |id: &str, reads: &str| {
        format!(
            "[[role]]\nid = \"{id}\"\nname = {{ zh = \"{id}\", en = \"{id}\" }}\nreads = [\"person.name\", {reads}]\nclear = [\"name\", \"phone\"]\n"
        )
    };
    files.push(SourceFile {
        path: "roles/test.toml".into(),
        text: role("numbers-only", "\"contact.phone\"") + &role("switchboard", "\"contact\""),
    });
    Arc::new(pack::load(files).expect("the pack is sound"))
}

#[test]
fn who_is_not_shown_whose_a_telephone_is_finds_nobody_by_it() {
    running(async {
        let more = [("号员", "numbers-only"), ("机员", "switchboard")];
        let (office, _) = street(with_switchboard(), &more).await;
        let office = office.revealing(&CLEAR, "calls");
        let (blind, seeing) = (view(&office, "号员").await, view(&office, "机员").await);
        assert_eq!(titles(&find(&seeing, "13800000012").await), ["甲一二"]);
        assert_eq!(find(&blind, "13800000012").await.total, 0);
        assert_eq!(titles(&find(&blind, "甲一二").await), ["甲一二"]);
        // Neither reads homes, births or households.
        for view in [&seeing, &blind] {
            let hit = find(view, "甲一二").await.hits.remove(0);
            let told = (hit.birth, hit.sex, hit.id_number, hit.address, hit.head);
            assert_eq!(told, (None, None, None, None, None));
        }
    });
}

#[test]
fn what_is_typed_stands_nowhere_in_the_log() {
    running(async {
        let (office, numbers) = street(testhouse::national(), &[]).await;
        let own = view(&office, "甲员").await;
        for typed in ["甲一二", "jiayier", "13800000012", numbers[0][12].as_str()] {
            find(&own, typed).await;
        }
        let manager = view(&office, "主任").await;
        let log = format!("{:?}", manager.log(100, 0).await.unwrap());
        for typed in ["甲一二", "jiayier", "13800000012", numbers[0][12].as_str()] {
            assert!(!log.contains(typed), "{typed} in {log}");
        }
        assert!(
            log.contains("Number"),
            "that a number was looked up is there: {log}"
        );
    });
}
