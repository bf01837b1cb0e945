//! The list of actions under their headings. It carries nothing out: each leads to its form ([`super::action`]).

use maud::html;
use office::{LONGEST_ASKED, has_in_it};
use pack::{ACTION_GROUP, Action};

use crate::desk;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// The actions there are.
pub(crate) async fn list(reader: &Reader) -> Result<Page, Trouble> {
    let mut actions = reader.view()?.actions();
    let any = !actions.is_empty();
    let typed = reader.ask("q");
    if let Some(typed) = typed {
        actions.retain(|action| {
            let help = action.help.get(reader.lang).to_lowercase();
            has_in_it(action.name().get(reader.lang), typed) || help.contains(&typed.to_lowercase())
        });
    }
    let groups = under_headings(reader, actions, |action| action);
    let body = html! {
        p.note { (reader.say(LIST_NOTE)) }
        (desk::line(reader))
        @if !any { p.empty { (reader.say(NO_ACTIONS)) } } @else {
            form.search method="get" action="/actions" {
                input name="q" type="search" maxlength=(LONGEST_ASKED) autocomplete="off" aria-label=(reader.say(WHICH)) placeholder=(reader.say(WHICH)) value=[typed];
                button type="submit" { (reader.say(words::FIND)) }
                @if typed.is_some() { a.alone href=(reader.link("/actions", &[])) { (reader.say(ALL_ACTIONS)) } }
            }
            @if groups.is_empty() { p.empty { (reader.say(NONE_SO)) } }
        }
        @if groups.len() > 1 {
            nav aria-label=(reader.say(GROUPS)) {
                p.of-programmes {
                    @for (nth, (heading, actions)) in groups.iter().enumerate() {
                        a href=(format!("#group-{nth}")) { (heading) } " " b { (actions.len()) } " "
                    }
                }
            }
        }
        @for (nth, (heading, actions)) in groups.into_iter().enumerate() {
            h2 id=(format!("group-{nth}")) { (heading) }
            dl.actions {
                @for action in actions {
                    dt { a href=(reader.link(&format!("/actions/{}", action.id()), &[])) { (action.name().get(reader.lang)) } }
                    dd { (action.help.get(reader.lang)) }
                }
            }
        }
    };
    Ok(Page::new(Place::Actions, reader.say(words::ACTIONS), body))
}

/// Actions, which come in their order, with the heading under which they stand; those without one last.
pub(super) fn under_headings<T>(
    reader: &Reader,
    offered: Vec<T>,
    action: impl Fn(&T) -> &Action,
) -> Vec<(&str, Vec<T>)> {
    let list = reader.office.pack.code(ACTION_GROUP);
    let mut groups: Vec<(&str, Vec<T>)> = Vec::new();
    for one in offered {
        let group = action(&one).group.as_ref();
        let member = group.and_then(|group| list?.member(group));
        let heading = member.map_or(reader.say(OTHER), |member| member.name.get(reader.lang));
        match groups.last_mut() {
            Some((last, actions)) if *last == heading => actions.push(one),
            _ => groups.push((heading, vec![one])),
        }
    }
    groups
}

words! {
    LIST_NOTE: "登记一件事：先填写，看清将写入什么、谁的待遇会变，再确认。办错了可以撤回。人员、家庭页面上也有入口。", "Make something known: fill it in, see what will be written and whose answers change, then confirm. It can be taken back. People's and households' pages lead here, too.";
    OTHER: "其他", "Other";
    WHICH: "办理事项的名称、拼音", "Name of what is to be done";
    ALL_ACTIONS: "全部事项", "All of them";
    NONE_SO: "没有这样的事项，请换几个字再找。", "There is nothing of that name; try other words.";
    GROUPS: "办理分类", "Groups of actions";
    NO_ACTIONS: "您的岗位没有可以办理的事项。", "There is nothing your post may carry out.";
}
