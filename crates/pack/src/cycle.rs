//! Rings in a graph of declarations that mention each other. Every ring is reported once, shortest form first, so that one
//! mistake gives one fault.

use std::collections::VecDeque;

/// Rings, each as the nodes passed through, beginning with the first declared; no node is in two of them.
pub(crate) fn rings(mentions: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut told = vec![false; mentions.len()];
    let mut rings = Vec::new();
    for start in 0..mentions.len() {
        if told[start] {
            continue;
        }
        if let Some(ring) = shortest(mentions, start, &told) {
            ring.iter().for_each(|&n| told[n] = true);
            rings.push(ring);
        }
    }
    rings
}

/// The shortest way from a node back to itself that avoids nodes already told.
fn shortest(mentions: &[Vec<usize>], start: usize, told: &[bool]) -> Option<Vec<usize>> {
    let mut from: Vec<Option<usize>> = vec![None; mentions.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for &next in &mentions[node] {
            if next == start {
                let mut way = vec![node];
                while let Some(back) = way.last().and_then(|&n| from[n]) {
                    way.push(back);
                }
                way.reverse();
                return Some(way);
            }
            if from[next].is_none() && !told[next] {
                from[next] = Some(node);
                queue.push_back(next);
            }
        }
    }
    None
}

/// The nodes so that each comes after those it mentions, otherwise as declared. Nodes on a ring come in some fixed order.
pub(crate) fn order(mentions: &[Vec<usize>]) -> Vec<usize> {
    fn visit(node: usize, mentions: &[Vec<usize>], seen: &mut [bool], order: &mut Vec<usize>) {
        if std::mem::replace(&mut seen[node], true) {
            return;
        }
        for &next in &mentions[node] {
            visit(next, mentions, seen, order);
        }
        order.push(node);
    }
    let (mut seen, mut order) = (vec![false; mentions.len()], Vec::new());
    for node in 0..mentions.len() {
        visit(node, mentions, &mut seen, &mut order);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ring_is_told_once() {
        // 0 → 1 → 2 → 0, 3 → 3, 4 → 0
        let graph = [vec![1], vec![2], vec![0], vec![3], vec![0]];
        assert_eq!(rings(&graph), [vec![0, 1, 2], vec![3]]);
        assert_eq!(rings(&[vec![1], vec![]]), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn the_mentioned_come_first() {
        assert_eq!(order(&[vec![2], vec![], vec![1]]), [1, 2, 0]);
    }
}
