//! Threads that join addresses: who runs what `analysis` only lays out.

use std::sync::Mutex;

use whither_analysis::cluster::{Crew, Job};

/// So many threads, each of which runs a job at a time.
pub(super) struct Threads(pub usize);

impl Crew for Threads {
    fn size(&self) -> usize {
        self.0
    }

    fn run(&self, jobs: Vec<Job<'_>>) {
        let jobs = Mutex::new(jobs.into_iter());
        let next = || jobs.lock().expect("taking a job does not panic").next();
        std::thread::scope(|scope| {
            for _ in 0..self.0.max(1) {
                scope.spawn(|| {
                    while let Some(job) = next() {
                        job();
                    }
                });
            }
        });
    }
}
