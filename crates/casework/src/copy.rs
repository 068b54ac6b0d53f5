//! A copy of a case for somebody who may not see all of it: the same entries, without some of their payloads.
//!
//! What is withheld is withheld whole: the claim, all its corrections and the reasons why it was retracted. An
//! attachment is copied if a payload that is copied names it. The copy has the same head and revision, and verifies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::attachments::{self, Attachment};
use crate::canonical::Json;
use crate::entry::Entry;
use crate::error::CaseError;
use crate::folder;
use crate::hash::Hash;
use crate::ledger::{LOGS, Ledger, case_json, log_path};
use crate::marks::{Handling, Marks};
use crate::payload::{self, Line};
use crate::words::{Author, Kind};

/// What a copy leaves out.
#[derive(Clone, Debug, Default)]
pub struct Withhold {
    /// These claims, each by the entry that made it.
    pub claims: BTreeSet<Hash>,
    /// Claims of these kinds.
    pub kinds: BTreeSet<Kind>,
    /// Claims that are more closed than this, and claims that are not marked at all.
    pub above: Option<Handling>,
}

/// What a copy has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Entries: all there are.
    pub entries: usize,
    /// Payloads.
    pub payloads: usize,
    /// Payloads that this copy lacks, and the case that it was made from has.
    pub withheld: usize,
    /// Attachments.
    pub attachments: usize,
}

impl Ledger {
    /// Copies the case into a directory that is empty or does not exist yet. `name` is what the copy is called, if
    /// not what the case is.
    ///
    /// # Errors
    /// [`CaseError::File`] if the directory holds anything; [`CaseError::Damaged`] if a payload or an attachment is;
    /// [`CaseError::Write`]. A copy that failed has no `case.json`, so that nobody takes it for a case.
    pub fn copy(
        &self,
        to: &Path,
        name: Option<&str>,
        withhold: &Withhold,
    ) -> Result<Copied, CaseError> {
        let withheld = self.withheld(withhold)?;
        fs::create_dir_all(to).map_err(CaseError::write(to))?;
        if !folder::names(to)?.is_empty() {
            return Err(CaseError::file(
                to,
                "a copy is made into an empty directory",
            ));
        }
        for folder in [LOGS, payload::FOLDER, attachments::FOLDER] {
            folder::make(&to.join(folder))?;
        }
        let mut copied = Copied {
            entries: self.count(),
            ..Copied::default()
        };
        let mut attached = BTreeSet::new();
        for (author, log) in &self.logs {
            self.copy_payloads(to, author, &withheld, &mut attached, &mut copied)?;
            folder::place(to, |file, incoming| {
                let mut output = std::io::BufWriter::new(file);
                let mut lines = log.entries.iter();
                let written = lines.try_for_each(|entry| writeln!(output, "{}", entry.line()));
                let written = written.and_then(|()| output.flush());
                written.map_err(CaseError::write(incoming))?;
                Ok((log_path(to, author), ()))
            })?;
        }
        for sha256 in attached {
            if let Some(file) = self.attachment(sha256)? {
                attachments::keep(to, file, Some(sha256))?;
                copied.attachments += 1;
            }
        }
        folder::place(to, |file, incoming| {
            let text = case_json(&self.id, name.unwrap_or(self.name()));
            let written = file.write_all(text.as_bytes());
            written.map_err(CaseError::write(incoming))?;
            Ok((to.join("case.json"), ()))
        })?;
        Ok(copied)
    }

    /// The entries whose payloads are left out.
    fn withheld(&self, withhold: &Withhold) -> Result<BTreeSet<Hash>, CaseError> {
        let roots = self.roots();
        let entries: Vec<&Entry> = self.unordered().collect();
        let by_kind = entries
            .iter()
            .filter(|entry| withhold.kinds.contains(entry.kind()));
        let mut claims: BTreeSet<Hash> = by_kind.map(|entry| entry.hash()).collect();
        // One may be named by its correction.
        claims.extend(
            withhold
                .claims
                .iter()
                .map(|hash| roots.get(hash).unwrap_or(hash)),
        );
        if let Some(above) = withhold.above {
            self.payloads(&entries, |place, payload| {
                let entry = entries[place];
                let handling = Marks::read(&payload).ok().and_then(|marks| marks.handling);
                let open = handling.is_some_and(|handling| handling <= above);
                // The reason of a retraction has no mark of its own.
                if !open && !entry.kind().is_retract() {
                    claims.insert(roots[&entry.hash()]);
                }
                Ok(())
            })?;
        }
        let withheld = roots.iter().filter(|(_, root)| claims.contains(root));
        Ok(withheld.map(|(hash, _)| *hash).collect())
    }

    /// Each entry with the claim that it makes, corrects or strikes, or whose correction it strikes.
    fn roots(&self) -> BTreeMap<Hash, Hash> {
        let targets = self.unordered().map(|entry| (entry.hash(), entry.target()));
        let targets: BTreeMap<Hash, Option<Hash>> = targets.collect();
        let target = |hash: Hash| targets.get(&hash).copied().flatten().unwrap_or(hash);
        targets
            .keys()
            .map(|hash| (*hash, target(target(*hash))))
            .collect()
    }

    fn copy_payloads(
        &self,
        to: &Path,
        author: &Author,
        withheld: &BTreeSet<Hash>,
        attached: &mut BTreeSet<Hash>,
        copied: &mut Copied,
    ) -> Result<(), CaseError> {
        let (Some(log), Some(payloads)) = (self.logs.get(author), self.payloads.get(author)) else {
            return Ok(());
        };
        // Every line is held against its entry before one is copied.
        let entries: Vec<&Entry> = log.entries.iter().collect();
        self.payloads(&entries, |place, payload: Json| {
            if withheld.contains(&entries[place].hash()) {
                copied.withheld += 1;
                return Ok(());
            }
            copied.payloads += 1;
            let list = Attachment::list(&payload).unwrap_or_default();
            attached.extend(list.into_iter().map(|attachment| attachment.sha256));
            Ok(())
        })?;
        folder::place(to, |file, incoming| {
            let mut output = std::io::BufWriter::new(file);
            payloads.each(|met| {
                let number = Line::number(met.bytes).unwrap_or_default();
                let place = entries.partition_point(|entry| entry.number() < number);
                let entry = entries.get(place).filter(|entry| entry.number() == number);
                match entry {
                    Some(entry) if !met.torn && !withheld.contains(&entry.hash()) => {
                        let written = output.write_all(met.bytes);
                        let written = written.and_then(|()| output.write_all(b"\n"));
                        written.map_err(CaseError::write(incoming))
                    }
                    _ => Ok(()),
                }
            })?;
            output.flush().map_err(CaseError::write(incoming))?;
            Ok((payload::path(to, author), ()))
        })
    }
}
