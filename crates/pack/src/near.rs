//! "Did you mean": the known word nearest to an unknown one, by edit distance with neighbouring letters swapped counting once.
//! It proposes only words that a slip of the fingers explains.

/// The nearest of the known words, if one is near enough; of equally near ones the first.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let limit = if length < 2 { 0 } else { (length / 3).max(1) };
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let far = distance(word, candidate);
        if far <= limit && best.is_none_or(|(least, _)| far < least) {
            best = Some((far, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How much a word is like another, both without differences of the keyboard: 0 for not at all, more for more. One that is a part of the
/// other counts most, then a slip of the fingers, then how many pairs of neighbouring characters they share.
pub(crate) fn alike(word: &str, other: &str) -> u32 {
    let (length, others) = (word.chars().count(), other.chars().count());
    if length == 0 || others == 0 {
        return 0;
    }
    if other.contains(word) || (others > 1 && word.contains(other)) {
        return 300 - u32::try_from(length.abs_diff(others)).map_or(100, |more| more.min(100));
    }
    let far = distance(word, other);
    if length > 1 && far <= (length / 3).max(1) {
        return 200 - u32::try_from(far).map_or(100, |far| far.min(100));
    }
    let (own, theirs) = (pairs(word), pairs(other));
    let both = own.iter().filter(|pair| theirs.contains(pair)).count();
    let share = 200 * both / (own.len() + theirs.len()).max(1);
    // Below that they share what any two words may.
    u32::try_from(share).map_or(0, |share| if share < 40 { 0 } else { share.min(100) })
}

/// Each two neighbouring characters of a word, once.
fn pairs(word: &str) -> std::collections::BTreeSet<(char, char)> {
    word.chars().zip(word.chars().skip(1)).collect()
}

/// Optimal string alignment distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let swap = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + swap);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_nearer_than_slips_and_slips_than_shared_pairs() {
        let near = |other| alike("出生人数", other);
        assert!(near("本年出生人数") > near("出生入数"));
        assert!(near("出生入数") > near("死亡人数合计"));
        assert_eq!(near("户籍"), 0);
        assert_eq!(near(""), 0);
        assert_eq!(alike("", "户籍"), 0);
        // A single character is part of much.
        assert!(alike("户", "户籍") > 0);
        assert_eq!(alike("户籍", "口"), 0);
    }

    #[test]
    fn a_slip_is_explained_and_another_word_is_not() {
        let known = ["required", "sensitivity", "name", "type"];
        assert_eq!(nearest("requierd", known), Some("required"));
        assert_eq!(nearest("sensitvity", known), Some("sensitivity"));
        assert_eq!(nearest("nmae", known), Some("name"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("3", ["1"]), None);
        assert_eq!(nearest("户号", ["户别", "户籍"]), Some("户别"));
    }
}
