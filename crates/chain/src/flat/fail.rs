//! Places where a test lets the writer die or fail: each step of a commit, a cut, a move has one.
//!
//! In the program itself these are nothing.

use crate::store::StoreError;

/// A step that a test may end here.
#[cfg(not(test))]
#[inline]
pub(crate) fn point(_step: &'static str) -> Result<(), StoreError> {
    Ok(())
}

/// A moment in which a test may do something else: another process might.
#[cfg(not(test))]
#[inline]
pub(crate) fn pause() {}

#[cfg(test)]
pub(crate) use planned::{Plan, meanwhile, pause, point, run};

#[cfg(test)]
mod planned {
    use std::cell::{Cell, RefCell};
    use std::io;
    use std::path::Path;

    use super::StoreError;

    /// What is to happen at a step.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Plan {
        /// The process dies.
        Die,
        /// The step fails, as on a full disk.
        Fail,
    }

    thread_local! {
        /// After how many steps more, and what.
        static PLANNED: Cell<Option<(u64, Plan)>> = const { Cell::new(None) };
        /// What is done at the next pause.
        static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    }

    pub(crate) fn pause() {
        if let Some(work) = MEANWHILE.take() {
            work();
        }
    }

    /// Does something at the next pause.
    pub(crate) fn meanwhile(work: impl FnOnce() + 'static) {
        MEANWHILE.replace(Some(Box::new(work)));
    }

    pub(crate) fn point(step: &'static str) -> Result<(), StoreError> {
        let Some((left, plan)) = PLANNED.get() else {
            return Ok(());
        };
        if left > 1 {
            PLANNED.set(Some((left - 1, plan)));
            return Ok(());
        }
        PLANNED.set(None);
        match plan {
            Plan::Die => std::process::abort(),
            Plan::Fail => Err(StoreError::io(Path::new(step), "was made to fail")(
                io::ErrorKind::StorageFull.into(),
            )),
        }
    }

    /// Does something of which the `step`-th step ends as planned; says whether it came that far.
    pub(crate) fn run<T>(step: u64, plan: Plan, work: impl FnOnce() -> T) -> (T, bool) {
        PLANNED.set(Some((step, plan)));
        let done = work();
        (done, PLANNED.take().is_none())
    }
}
