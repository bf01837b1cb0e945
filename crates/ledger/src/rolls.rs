//! Places of words, packed: the step from each place to the next as a variable-length number, so that the words of a list, which
//! mostly lie one after the other, take a byte each. What isn't packed so is refused.

use crate::entry::Position;

/// How long one packed stretch may be, in bytes.
const LONGEST: usize = 64 * 1024;
/// The longest step.
const MOST_BYTES: usize = 10;

/// The one integer that stands for a position.
fn number(at: Position) -> u64 {
    (at.book.unsigned_abs() << 32) | at.seq.unsigned_abs()
}

/// Packs ascending places into stretches of bounded length.
pub(crate) fn pack(words: &[Position]) -> Vec<Vec<u8>> {
    let mut stretches = Vec::new();
    let mut bytes = Vec::new();
    let mut last = 0;
    for word in words {
        if bytes.len() + MOST_BYTES > LONGEST {
            stretches.push(std::mem::take(&mut bytes));
            last = 0;
        }
        let mut step = number(*word).wrapping_sub(last);
        last = number(*word);
        while step >= 0x80 {
            bytes.push(step as u8 | 0x80);
            step >>= 7;
        }
        bytes.push(step as u8);
    }
    stretches.push(bytes);
    stretches
}

/// The places of one stretch; none if they aren't ascending, or the bytes aren't such a stretch.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<Position>> {
    let (mut words, mut last, mut step, mut shift) = (Vec::new(), 0_u64, 0_u64, 0);
    for byte in bytes {
        let bits = u64::from(byte & 0x7f);
        if shift > 63 || bits << shift >> shift != bits {
            return None;
        }
        step |= bits << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            if step == 0 || (*byte == 0 && shift > 7) {
                return None;
            }
            last = last.checked_add(step).filter(|last| last >> 63 == 0)?;
            words.push(Position {
                book: i64::try_from(last >> 32).ok()?,
                seq: i64::try_from(last & 0xffff_ffff).ok()?,
            });
            (step, shift) = (0, 0);
        }
    }
    (shift == 0).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, pack, unpack};
    use crate::entry::Position;

    #[test]
    fn what_is_packed_is_unpacked_again() {
        let at = |book, seq| Position { book, seq };
        let mut words = vec![at(1, 1), at(1, 2), at(1, 300), at(7, 1), at(0x7fff_ffff, 9)];
        assert_eq!(unpack(&pack(&words)[0]), Some(words.clone()));
        words = (1..200_000).map(|n| at(3, n * 129)).collect();
        let packed = pack(&words);
        assert!(packed.len() > 1 && packed.iter().all(|stretch| stretch.len() <= LONGEST));
        let all: Option<Vec<_>> = packed.iter().map(|stretch| unpack(stretch)).collect();
        assert_eq!(all.map(|all| all.concat()), Some(words));
        assert_eq!(pack(&[]), vec![Vec::<u8>::new()]);
    }

    #[test]
    fn what_is_not_packed_so_is_refused() {
        for bytes in [&[0][..], &[0x80], &[0x81, 0x00], &[1, 0], &[0xff; 11]] {
            assert_eq!(unpack(bytes), None, "{bytes:?}");
        }
    }
}
