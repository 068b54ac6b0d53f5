//! The height a coinbase claims (BIP 34).
//!
//! Only where the header's version is at least 2, and only a push in its shortest form: blocks before
//! the rule carry bytes that look like one. A claim is held against the links between blocks elsewhere.

/// More than will be reached: at one block a minute this is 190 years.
pub(crate) const HEIGHT_MAX: u32 = 100_000_000;

/// The height that a block of this version claims in its coinbase script.
#[must_use]
pub fn claimed(version: i32, coinbase_script: &[u8]) -> Option<u32> {
    if version < 2 {
        return None;
    }
    let (&length, rest) = coinbase_script.split_first()?;
    let height = match length {
        // OP_1 to OP_16
        0x51..=0x60 => u32::from(length - 0x50),
        1..=4 => {
            let pushed = rest.get(..usize::from(length))?;
            let (last, before) = pushed.split_last()?;
            let negative = last & 0x80 != 0;
            // A zero at the end is only there to keep the sign bit free.
            let padded = *last == 0 && before.last().is_none_or(|byte| byte & 0x80 == 0);
            if negative || padded {
                return None;
            }
            let number = pushed
                .iter()
                .rev()
                .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
            // Smaller numbers have operation codes of their own.
            (number > 16).then_some(number)?
        }
        _ => return None,
    };
    (height <= HEIGHT_MAX).then_some(height)
}

#[cfg(test)]
mod tests {
    use super::claimed;

    #[test]
    fn minimal_pushes_are_heights() {
        assert_eq!(claimed(2, &[0x51, 1]), Some(1));
        assert_eq!(claimed(2, &[0x60]), Some(16));
        assert_eq!(claimed(2, &[1, 17]), Some(17));
        assert_eq!(claimed(2, &[1, 0x7f]), Some(127));
        assert_eq!(claimed(2, &[2, 0x80, 0]), Some(128));
        assert_eq!(claimed(4, &[3, 0x13, 0x9d, 0x05, 9, 9]), Some(367_891));
        assert_eq!(claimed(i32::MAX, &[3, 0xff, 0xff, 0x7f]), Some(8_388_607));
    }

    #[test]
    fn what_only_looks_like_a_height_is_none() {
        assert_eq!(claimed(1, &[3, 0x13, 0x9d, 0x05]), None, "version 1");
        assert_eq!(
            claimed(-1, &[3, 0x13, 0x9d, 0x05]),
            None,
            "negative version"
        );
        for script in [
            &[][..],
            &[0x00],
            &[1, 16],
            &[1, 0x80],
            &[2, 0x7f, 0],
            &[2, 1],
            &[1],
            &[4, 0xff, 0xff, 0x00, 0x1d],
            &[5, 1, 2, 3, 4, 5],
            &[0x4c, 2, 1, 1],
        ] {
            assert_eq!(claimed(2, script), None, "{script:?}");
        }
    }
}
