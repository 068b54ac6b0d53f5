//! Whether the frames of a transaction hang together.

use std::collections::BTreeMap;

use super::error::EvmFault;
use super::{Frame, FrameKind};

/// Whether frames make a tree: each within one that is there, its brothers before it, and as many within it as it says.
pub(super) fn are_whole(transaction: u32, frames: &[&Frame]) -> Result<(), EvmFault> {
    // By path: how many frames stand directly in it, and how many of these destroy, which not every tracer counts.
    let mut within: BTreeMap<&[u32], (u32, u32)> = BTreeMap::new();
    let by_path: BTreeMap<&[u32], &Frame> = frames
        .iter()
        .map(|frame| (&frame.path[..], *frame))
        .collect();
    let named = |path: &[u32]| {
        let steps: Vec<String> = path.iter().map(u32::to_string).collect();
        format!("[{}]", steps.join(", "))
    };
    let broken = |what: String| Err(EvmFault::Frames { transaction, what });
    for frame in frames {
        if let Some((place, parent)) = frame.path.split_last() {
            let Some((count, destroyed)) = within.get_mut(parent) else {
                let (own, parent) = (named(&frame.path), named(parent));
                return broken(format!("frame {own} stands in {parent}, which is missing"));
            };
            if *place != *count {
                let missing = named(&[parent, &[*count]].concat());
                let own = named(&frame.path);
                return broken(format!(
                    "frame {own} is there, and {missing} before it is not"
                ));
            }
            *count += 1;
            *destroyed += u32::from(frame.kind == FrameKind::Destroy);
            // Code runs as the account that was called, or, borrowed, as the one that borrows it.
            let around = by_path[parent];
            let runs_as = [around.from, around.to];
            let pays = frame.kind != FrameKind::Borrowed && frame.value.is_some();
            if pays && !frame.failed && !runs_as.contains(&frame.from) {
                let own = named(&frame.path);
                return broken(format!(
                    "frame {own} pays from an account that the one around it is not"
                ));
            }
        }
        within.insert(&frame.path, (0, 0));
    }
    for frame in frames {
        let (count, destroyed) = within[&frame.path[..]];
        let told = frame.children.unwrap_or(count);
        if told > count || told < count - destroyed {
            let own = named(&frame.path);
            return broken(format!(
                "frame {own} has {told} within it, and {count} are there"
            ));
        }
    }
    Ok(())
}
