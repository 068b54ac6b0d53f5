//! Who writes into a case, and when: here author, clock and salt come in, and nowhere deeper.

use std::time::{SystemTime, UNIX_EPOCH};

use whither_casework::{Author, Draft, Hash, Salt, Says, Statement, Time};
use whither_ledger::time::Timestamp;

use crate::error::Error;

/// Somebody who writes into a case.
#[derive(Clone, Debug)]
pub struct Recorder {
    author: Author,
    now: Option<Time>,
    /// Makes salts of what is said, where nothing is secret and a run is to be repeated.
    seed: Option<String>,
}

impl Recorder {
    /// Somebody by the name that their log has, who writes now, or at a time that is given so that a run can be
    /// repeated.
    ///
    /// # Errors
    /// Where the name is none, or the time.
    pub fn new(author: &str, now: Option<&str>) -> Result<Self, Error> {
        let author = Author::new(author).map_err(|error| {
            Error::new(error)
                .with_hint("an author is a word like `m-weber`, with one log of its own")
        })?;
        let now = now.map(|text| {
            let time = Timestamp::parse(text).map_err(Error::new)?;
            moment(time)
        });
        Ok(Self {
            author,
            now: now.transpose()?,
            seed: None,
        })
    }

    /// Somebody whose entries are the same each time: of cases that are built in, where nothing is secret.
    pub(crate) fn repeatable(author: &str, now: &str, seed: &str) -> Result<Self, Error> {
        let recorder = Self::new(author, Some(now))?;
        Ok(Self {
            seed: Some(seed.to_owned()),
            ..recorder
        })
    }

    /// The name of a person, made a word: `M. Weber` writes the log `m-weber`. None if nothing is left of it.
    #[must_use]
    pub fn word(name: &str) -> Option<String> {
        let mut word = String::new();
        for character in name.chars().flat_map(char::to_lowercase) {
            match character {
                'a'..='z' | '0'..='9' => word.push(character),
                _ if word.is_empty() || word.ends_with('-') => {}
                _ => word.push('-'),
            }
            if word.len() == 64 {
                break;
            }
        }
        let word = word.trim_end_matches('-');
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// Whose log is written.
    #[must_use]
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// The time of an entry that is written now.
    ///
    /// # Errors
    /// Where the clock stands before 1970, or beyond what a case can say.
    pub fn now(&self) -> Result<Time, Error> {
        if let Some(now) = &self.now {
            return Ok(now.clone());
        }
        let wrong = || {
            Error::new("the clock of this machine is wrong")
                .with_hint("set it, or give `--now TIME`")
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = since
            .ok()
            .and_then(|since| i64::try_from(since.as_secs()).ok());
        let time = seconds.and_then(|seconds| Timestamp::from_seconds(seconds).ok());
        moment(time.ok_or_else(wrong)?)
    }

    /// What is said, as an entry to be written: by this author, now, with a fresh salt.
    ///
    /// # Errors
    /// Where clock or random numbers cannot be had.
    pub fn draft(&self, says: Says) -> Result<Draft, Error> {
        let mut salt = [0; 32];
        match &self.seed {
            Some(seed) => {
                let digits = Hash::of(format!("{seed} {says:?}").as_bytes()).to_string();
                salt.copy_from_slice(&digits.as_bytes()[..32]);
            }
            None => getrandom::fill(&mut salt).map_err(|error| {
                Error::new(format!("the system gives no random numbers: {error}"))
            })?,
        }
        Ok(Draft {
            author: self.author.clone(),
            time: self.now()?,
            salt: Salt::new(salt),
            says,
        })
    }

    /// A claim, as an entry to be written.
    ///
    /// # Errors
    /// Where the statement is none, or as [`Recorder::draft`].
    pub fn claim(&self, statement: &Statement) -> Result<Draft, Error> {
        self.draft(statement.says().map_err(Error::new)?)
    }
}

fn moment(time: Timestamp) -> Result<Time, Error> {
    Time::new(&time.to_string()).map_err(Error::new)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_a_word_that_can_be_an_author() {
        for (name, word) in [
            ("m-weber", Some("m-weber")),
            ("M. Weber", Some("m-weber")),
            ("DOMAIN\\jpark", Some("domain-jpark")),
            ("_www_", Some("www")),
            ("박", None),
            ("", None),
        ] {
            let made = Recorder::word(name);
            assert_eq!(made.as_deref(), word, "{name}");
            assert!(made.is_none_or(|made| Author::new(&made).is_ok()));
        }
        let long = Recorder::word(&"ab ".repeat(40)).unwrap();
        assert!(Author::new(&long).is_ok(), "{long}");
    }

    #[test]
    fn a_time_that_is_given_is_the_time_and_salts_differ() {
        let recorder = Recorder::new("ana", Some("2026-01-02T03:04:05Z")).unwrap();
        let says = || Says::Retract {
            target: whither_casework::Hash::of(b""),
            reason: "r".to_owned(),
        };
        let (a, b) = (
            recorder.draft(says()).unwrap(),
            recorder.draft(says()).unwrap(),
        );
        assert_eq!(a.time.as_str(), "2026-01-02T03:04:05Z");
        assert!(a.salt != b.salt);
        assert!(Recorder::new("Ana", None).is_err());
        assert!(Recorder::new("ana", Some("soon")).is_err());
        let now = Recorder::new("ana", None).unwrap().now().unwrap();
        assert!(now.as_str() > "2026-01-01T00:00:00Z");
    }
}
