//! Where somebody on a list is to be found, as a list is put in order by it: unit, building, door, household. An address counts here only
//! if the reader sees it in clear; an order of masks would tell what they hide.

/// Words that end the name of a building.
const BUILDINGS: [&str; 4] = ["号楼", "栋", "幢", "座"];
/// Digits that a number of a door has at most, to be compared as numbers.
const DIGITS: usize = 8;

/// The building of an address: up to the last word that names one, or else up to the first house number, or what stands before a bare
/// number of a door (`12-3-502`).
#[must_use]
pub fn building(address: &str) -> &str {
    let ends = BUILDINGS.iter();
    let last = ends.filter_map(|word| address.rfind(word).map(|at| at + word.len()));
    let end = last.max();
    let end = end.or_else(|| address.find('号').map(|at| at + '号'.len_utf8()));
    let end = end.or_else(|| address.find(['-', '－', '—']));
    address[..end.unwrap_or(address.len())].trim()
}

/// An address as it is compared: numbers by what they count, so that 2号 comes before 10号.
pub(super) fn in_order(address: &str) -> String {
    let mut key = String::with_capacity(address.len() + DIGITS);
    let mut digits = String::new();
    for ch in kernel::normal(address).chars() {
        if ch.is_ascii_digit() {
            digits.push(ch);
            continue;
        }
        number(&mut key, &mut digits);
        key.push(ch);
    }
    number(&mut key, &mut digits);
    key
}

fn number(key: &mut String, digits: &mut String) {
    if !digits.is_empty() {
        let bare = digits.trim_start_matches('0');
        key.extend(std::iter::repeat_n('0', DIGITS.saturating_sub(bare.len())));
        key.push_str(bare);
        digits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{building, in_order};

    #[test]
    fn a_building_is_what_several_doors_share() {
        for (address, shared) in [
            ("海韵街道幸福路12号3单元502室", "海韵街道幸福路12号"),
            ("幸福小区3号楼2单元501", "幸福小区3号楼"),
            ("碧水园8栋1单元", "碧水园8栋"),
            ("和平路5号院2号楼101", "和平路5号院2号楼"),
            ("幸福12-3-502", "幸福12"),
            ("望海村", "望海村"),
            ("", ""),
        ] {
            assert_eq!(building(address), shared, "{address}");
        }
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let mut doors = ["幸福路10号", "幸福路2号", "幸福路２号1室", "幸福路012号"];
        doors.sort_by_key(|door| in_order(door));
        assert_eq!(
            doors,
            ["幸福路2号", "幸福路２号1室", "幸福路10号", "幸福路012号"]
        );
    }
}
