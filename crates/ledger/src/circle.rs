//! Circles among links that may not form any, such as parent and child. All links that words ever stated count, until a circle is
//! found: then those whose record no longer stands are left out, and it is looked for again.

use crate::error::LedgerError;
use crate::stands;
use crate::store::{EdgeRow, Writing};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Where a link leads: the record it leads to, and the one that states it.
type Graph = HashMap<i64, Vec<(i64, i64)>>;

/// The first of these links, which are kept already, that closes a circle: its place, whence and whither it leads.
pub(crate) async fn find(
    tx: &mut dyn Writing,
    register: &str,
    links: &[(usize, EdgeRow)],
) -> Result<Option<(usize, i64, i64)>, LedgerError> {
    let mut graph = reach(tx, register, links).await?;
    loop {
        let Some(circle) = circle(&graph, links) else {
            return Ok(None);
        };
        let records: BTreeSet<i64> = circle.iter().map(|edge| edge.2).collect();
        let records: Vec<i64> = records.into_iter().collect();
        let standing = stands::which(tx, &records).await?;
        if records.iter().all(|record| standing.contains(record)) {
            let on = |edge: &EdgeRow| circle.contains(&(edge.source, edge.target, edge.record));
            let link = links.iter().find(|(_, edge)| on(edge));
            return Ok(link.map(|(at, edge)| (*at, edge.source, edge.target)));
        }
        for targets in graph.values_mut() {
            targets.retain(|(_, record)| !records.contains(record) || standing.contains(record));
        }
    }
}

/// All links that can be reached from these.
async fn reach(
    tx: &mut dyn Writing,
    register: &str,
    links: &[(usize, EdgeRow)],
) -> Result<Graph, LedgerError> {
    let mut graph: Graph = HashMap::new();
    let mut next: BTreeSet<i64> = links.iter().map(|(_, edge)| edge.source).collect();
    let mut seen: HashSet<i64> = HashSet::new();
    while !next.is_empty() {
        seen.extend(&next);
        let sources: Vec<i64> = next.into_iter().collect();
        let edges = tx.edges_from(register, &sources).await?;
        next = edges.iter().map(|edge| edge.target).collect();
        next.retain(|record| !seen.contains(record));
        for edge in edges {
            let targets = graph.entry(edge.source).or_default();
            targets.push((edge.target, edge.record));
        }
    }
    Ok(graph)
}

/// A circle that can be reached from the links, as the edges it is made of. Nodes on the path are followed depth first; one that
/// was left is never entered again.
fn circle(graph: &Graph, links: &[(usize, EdgeRow)]) -> Option<Vec<(i64, i64, i64)>> {
    let mut left: HashSet<i64> = HashSet::new();
    for (_, link) in links {
        let mut path: Vec<(i64, usize)> = vec![(link.source, 0)];
        let mut on: BTreeMap<i64, usize> = BTreeMap::from([(link.source, 0)]);
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            let step = graph.get(&node).and_then(|targets| targets.get(*at));
            *at += 1;
            match step {
                Some((target, _)) if left.contains(target) => {}
                Some((target, _)) => match on.get(target) {
                    Some(start) => return edges(graph, &path[*start..]),
                    None => {
                        on.insert(*target, path.len());
                        path.push((*target, 0));
                    }
                },
                None => {
                    left.insert(node);
                    on.remove(&node);
                    path.pop();
                }
            }
        }
    }
    None
}

/// The edges taken last from each node of a path.
fn edges(graph: &Graph, path: &[(i64, usize)]) -> Option<Vec<(i64, i64, i64)>> {
    let edge = |(node, at): &(i64, usize)| {
        let (target, record) = graph.get(node)?.get(at.checked_sub(1)?)?;
        Some((*node, *target, *record))
    };
    path.iter().map(edge).collect()
}
