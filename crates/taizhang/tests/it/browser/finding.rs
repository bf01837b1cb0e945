//! Finding, reading, taking along: search as one types, a register's list filtered, sorted, exported and printed, a person's page; and the
//! whole way from looking for somebody to making something known by the keyboard alone.

use calamine::Reader as _;

use super::walk::{LANGUAGES, Walk};

#[test]
#[ignore = "needs Chromium"]
fn somebody_is_found_as_their_name_is_typed() {
    for lang in LANGUAGES {
        let mut walk = Walk::begin(lang);
        let person = walk.family().wife;
        walk.tab.go("/");
        walk.tab.click("form.find input");
        walk.tab.type_in(&person.name);
        let found = format!(
            "[...document.querySelectorAll('#found [role=option] b')].some(it => it.innerText === {:?})",
            person.name
        );
        walk.tab.until(&found, "somebody of that name");
        walk.picture("search-below", super::tab::View::Desk);
        walk.picture("search-below", super::tab::View::Phone);
        walk.tab.follow("#found a[role=option]");
        assert_eq!(
            walk.tab.text("document.querySelector('h1').innerText"),
            person.name
        );
        walk.pictures("person");
        walk.end();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn a_list_is_filtered_sorted_taken_along_and_printed() {
    for lang in LANGUAGES {
        let mut walk = Walk::begin(lang);
        let all = walk.fetch("/api/registers/person")["total"]
            .as_u64()
            .unwrap();
        walk.tab.go("/registers");
        walk.tab.follow("a[href='/registers/person']");
        walk.tab.click("details.choosing summary");
        walk.tab.click("input[name='f.sex'][value='2']");
        // Nobody of them is written of meanwhile.
        walk.tab
            .choose("input[name='f.birth_date.to']", "1960-12-31");
        walk.tab.follow(".filters .buttons button");
        assert!(walk.tab.text("location.search").contains("f.sex=2"));
        let women = walk.fetch("/api/registers/person?f.sex=2&f.birth_date.to=1960-12-31");
        let women = women["total"].as_u64().unwrap();
        assert!(0 < women && women < all, "{women} of {all}");
        let sorts = "table.records th[aria-sort] a";
        assert!(walk.tab.has(sorts));
        walk.tab.follow(sorts);
        assert!(
            walk.tab
                .has("th[aria-sort=ascending], th[aria-sort=descending]")
        );
        walk.pictures("register-filtered");
        let file = walk.tab.download(".exports a[href*='export.xlsx']");
        let mut book = calamine::open_workbook_auto(&file).unwrap();
        let sheet = book.sheet_names()[0].clone();
        let rows = book.worksheet_range(&sheet).unwrap();
        let numbered = rows
            .rows()
            .filter(|row| matches!(row[0], calamine::Data::Float(_) | calamine::Data::Int(_)));
        assert_eq!(numbered.count() as u64, women, "{}", file.display());
        let printed = walk.tab.printed();
        assert!(printed.starts_with(b"%PDF-"));
        if let Some(folder) = super::walk::pictures() {
            std::fs::write(folder.join(format!("register.{lang}.pdf")), &printed).unwrap();
        }
        walk.end();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn the_keyboard_alone_finds_somebody_and_makes_something_known() {
    for lang in LANGUAGES {
        let mut walk = Walk::begin(lang);
        walk.sit_down();
        let person = walk.family().wife;
        walk.tab.go("/");
        tab_to(&mut walk, "form.find input");
        walk.tab.type_in(&person.name);
        walk.tab.until(
            "document.querySelectorAll('#found [role=option]').length > 0",
            "somebody",
        );
        walk.tab.press("ArrowDown");
        walk.tab.press_to_leave("Enter");
        assert_eq!(
            walk.tab.text("document.querySelector('h1').innerText"),
            person.name
        );
        tab_to(&mut walk, "nav.offered a[href*='/actions/note?']");
        walk.tab.press_to_leave("Enter");
        tab_to(&mut walk, "[name='i.about']");
        walk.tab.type_in("键盘");
        tab_to(&mut walk, "[name='i.text']");
        walk.tab.type_in("只用键盘登记");
        tab_to(&mut walk, "button[value=look]");
        walk.tab.press_to_leave("Enter");
        tab_to(&mut walk, "button[value=write]");
        walk.tab.press_to_leave("Enter");
        assert!(walk.tab.has("p.receipt"));
        walk.end();
    }
}

/// Goes on by the Tab key until something has the focus; whatever has it on the way can be seen to have it.
fn tab_to(walk: &mut Walk, selector: &str) {
    for _ in 0..200 {
        walk.tab.press("Tab");
        let shown = walk.tab.ask(
            "(() => { const it = document.activeElement; if (it === document.body) return true; const style = getComputedStyle(it); const box = it.getBoundingClientRect(); \
             return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0 && box.top < innerHeight; })()",
        );
        if shown != true {
            let it = walk
                .tab
                .text("document.activeElement.outerHTML.slice(0, 200)");
            panic!("{it} has the focus and doesn't show it");
        }
        if walk
            .tab
            .ask(&format!("document.activeElement.matches({selector:?})"))
            == true
        {
            return;
        }
    }
    panic!("the Tab key never comes to {selector}");
}
