//! Joining by several hands at once, each in a forest of its own, and what two forests say together.
//!
//! Hands that joined in one forest would have to take turns at every link. So each takes a share of the sets, one after
//! the other in the order of the chain, for neighbours pay neighbours; and since most addresses are told of by one share
//! alone, putting two answers together is mostly copying. Who runs the work is not decided here: a [`Crew`] does.

use super::forest::Forest;
use super::table::{Rows, Table};

/// No more forests than this are made at once: each takes four bytes an address.
const SHARES_MAX: usize = 4;

/// So many pairs are remembered in order not to be told again.
const TOLD: usize = 1024;

/// A piece of work.
pub type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Who runs jobs.
pub trait Crew {
    /// How many jobs it runs at once.
    fn size(&self) -> usize;

    /// Runs them all, in any order, and comes back when all are done.
    fn run(&self, jobs: Vec<Job<'_>>);
}

/// One job after the other.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Crew for Alone {
    fn size(&self) -> usize {
        1
    }

    fn run(&self, jobs: Vec<Job<'_>>) {
        jobs.into_iter().for_each(|job| job());
    }
}

/// The lowest id of each id's set, where a crew joins in shares: `join` does one of so many, in a forest. The sets of all
/// shares together are what is joined; how they are dealt out changes nothing. With it what each share gave, in order.
pub fn joined<T: Send>(
    crew: &impl Crew,
    count: usize,
    join: impl Fn(usize, usize, &mut Forest) -> T + Sync,
) -> (Table, Vec<T>) {
    let shares = crew.size().clamp(1, SHARES_MAX);
    let mut done: Vec<Option<(Table, T)>> = (0..shares).map(|_| None).collect();
    let join = &join;
    let jobs = done.iter_mut().enumerate().map(|(share, done)| {
        Box::new(move || {
            let mut forest = Forest::new(count);
            let given = join(share, shares, &mut forest);
            *done = Some((forest.flatten(), given));
        }) as Job<'_>
    });
    crew.run(jobs.collect());
    let done = done
        .into_iter()
        .map(|done| done.expect("a crew runs every job"));
    let (tables, given): (Vec<Table>, Vec<T>) = done.unzip();
    let mut tables = tables.into_iter();
    let mut lowest = tables.next().expect("there is a share at least");
    for other in tables {
        put_together(crew, &mut lowest, &other);
    }
    (lowest, given)
}

/// Joins what either says is joined. Both give the lowest of each set.
fn put_together(crew: &impl Crew, one: &mut Table, other: &Table) {
    let parts = one.rows().parted(crew.size());
    let mut both: Vec<Vec<(u32, u32)>> = parts.iter().map(|_| Vec::new()).collect();
    let jobs = parts.into_iter().zip(&mut both).map(|(part, both)| {
        let (from, rows) = part;
        Box::new(move || copy(from, rows, other, both)) as Job<'_>
    });
    crew.run(jobs.collect());
    let mut lowest = one.rows();
    for (a, b) in both.iter().flatten() {
        let (a, b) = (up(&mut lowest, *a), up(&mut lowest, *b));
        lowest.put(a.max(b), a.min(b));
    }
    for id in 0..lowest.len() {
        let root = lowest.at(lowest.at(id));
        lowest.put(id, root);
    }
}

/// Takes over what the other says of ids that are the lowest of their sets here. Where both name a lower one, those two are
/// to be joined: pairs of them go to `both`, hardly any twice.
fn copy(from: u32, mut rows: Rows<'_>, other: &Table, both: &mut Vec<(u32, u32)>) {
    let mut told = [(0, 0); TOLD];
    for row in 0..rows.len() {
        let id = from + row;
        let (a, b) = (rows.at(row), other.at(id));
        if a == id {
            rows.put(row, b);
        } else if b != id && a != b {
            let spread = (a ^ b.rotate_left(16)).wrapping_mul(0x9E37_79B1);
            let seat = &mut told[(spread >> 22) as usize];
            if *seat != (a, b) {
                *seat = (a, b);
                both.push((a, b));
            }
        }
    }
}

/// The end of a way, which is halved.
fn up(lowest: &mut Rows<'_>, id: u32) -> u32 {
    let mut id = id;
    loop {
        let parent = lowest.at(id);
        if parent == id {
            return id;
        }
        let above = lowest.at(parent);
        lowest.put(id, above);
        id = above;
    }
}
