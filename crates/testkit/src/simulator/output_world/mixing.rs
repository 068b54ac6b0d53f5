//! What thieves mix: after all thefts are told, since those who wait for others go into one round.

use super::book::{Book, HOUR, MILLI};
use super::loot::{Loot, Payee, Sink, Spoils};
use super::mixer::{self, Entrant, Make};
use super::thieves::{Thefts, id};
use std::collections::BTreeSet;

/// A part that is to be mixed, and whose it is.
pub(super) struct Waiting {
    loot: Loot,
    theft: usize,
    actor: String,
    at: u64,
    /// Whether it goes into one round with those of others.
    joins: bool,
}

impl Thefts<'_> {
    /// Puts a part aside.
    pub fn wait_for_mixing(
        &mut self,
        book: &mut Book,
        loot: Loot,
        (actor, spoils): (&str, &Spoils),
    ) {
        self.waiting.push(Waiting {
            loot,
            theft: spoils.theft,
            actor: actor.to_owned(),
            at: spoils.at,
            joins: book.happens(self.parameters.lures.mixer),
        });
    }

    /// Mixes whatever waits.
    pub fn mix(&mut self, book: &mut Book) {
        let (mut together, alone): (Vec<Waiting>, Vec<Waiting>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.joins);
        for waiting in alone {
            self.mix_alone(book, waiting);
        }
        while !together.is_empty() {
            // One part of each theft in a round, three at most.
            let mut seen = BTreeSet::new();
            let (round, later): (Vec<Waiting>, Vec<Waiting>) = together
                .into_iter()
                .partition(|waiting| seen.len() < 3 && seen.insert(waiting.theft));
            together = later;
            self.mix_together(book, round);
        }
    }

    fn mix_alone(&mut self, book: &mut Book, waiting: Waiting) {
        let makes = Make::ALL.into_iter();
        let makes: Vec<Make> = makes
            .filter(|make| waiting.loot.value() > make.least())
            .collect();
        if makes.is_empty() {
            self.cash(("kept", None), &waiting.loot, None);
            return;
        }
        let make = *book.rng().pick(&makes);
        if make != Make::Whirlpool {
            self.round(book, make, vec![waiting]);
            return;
        }
        for premix in self.prepare(book, waiting) {
            self.round(book, make, vec![premix]);
        }
    }

    fn mix_together(&mut self, book: &mut Book, round: Vec<Waiting>) {
        let makes = [Make::Wasabi2, Make::Wasabi1, Make::JoinMarket].into_iter();
        let fits = |make: &Make| {
            let values = round.iter().map(|waiting| waiting.loot.value());
            values.min().is_some_and(|least| least > make.least())
        };
        let makes: Vec<Make> = makes.filter(fits).collect();
        if makes.is_empty() {
            for waiting in round {
                self.mix_alone(book, waiting);
            }
            return;
        }
        let make = *book.rng().pick(&makes);
        let actors: BTreeSet<&String> = round.iter().map(|waiting| &waiting.actor).collect();
        if actors.len() > 1 {
            for waiting in &round {
                self.lures[waiting.theft].insert("mixer".to_owned());
            }
        }
        self.round(book, make, round);
    }

    /// Cuts a coin for the rounds of a Whirlpool: equal outputs, the pool's fee, change, and a data carrier.
    fn prepare(&mut self, book: &mut Book, waiting: Waiting) -> Vec<Waiting> {
        let mut spoils = Spoils::empty(waiting.theft, waiting.at);
        spoils.wait(book, 600, 8 * HOUR);
        let (entry, count) = mixer::pool(waiting.loot.value());
        let mut outs = Vec::new();
        for _ in 0..count {
            outs.push((spoils.script(book), entry));
        }
        let coordinator = Payee {
            kind: "passer-by",
            script: book.script(),
            sink: Sink::Nobody,
        };
        outs.push((coordinator.script.clone(), mixer::pool_fee(entry)));
        outs.push((book.carrier(), 0));
        let change = spoils.script(book);
        let spent = self.spend(book, &mut spoils, vec![waiting.loot], (outs, change));
        let mut made = spent.loot.into_iter();
        let premix = made.by_ref().take(usize::try_from(count).expect("a few"));
        let premix = premix.map(|loot| Waiting {
            loot,
            theft: waiting.theft,
            actor: waiting.actor.clone(),
            at: spoils.at,
            joins: false,
        });
        let premix = premix.collect();
        let fee = made.next().expect("the pool's fee");
        self.hand_over(&coordinator, fee, &spent.txid);
        for change in made {
            self.cash(("kept", None), &change, None);
        }
        self.rest(spoils);
        premix
    }

    /// A round of parts, of each theft one.
    fn round(&mut self, book: &mut Book, make: Make, round: Vec<Waiting>) {
        let entrants: Vec<Entrant> = round
            .iter()
            .map(|waiting| Entrant {
                held: waiting.loot.held.clone(),
                theft: id(waiting.theft),
            })
            .collect();
        let last = round.iter().map(|waiting| waiting.at).max();
        let at = last.expect("somebody waits") + book.rng().between(HOUR, 48 * HOUR);
        let Some((paid, out)) = mixer::round(book, self.town, at, (make, &entrants)) else {
            for waiting in round {
                self.cash(("kept", None), &waiting.loot, None);
            }
            return;
        };
        for (waiting, got) in round.iter().zip(out) {
            self.cash(("mixer", None), &waiting.loot, Some(&paid.txid));
            let mut spoils = Spoils::empty(waiting.theft, waiting.at);
            spoils.shape("mixer-passage", entrants.len(), vec![paid.txid.clone()]);
            let days = (paid.at - waiting.loot.held.came) / (24 * HOUR);
            if days >= 1 {
                let days = usize::try_from(days).expect("a few days");
                spoils.shape("dormancy", days, vec![paid.txid.clone()]);
            }
            for held in got {
                spoils.accounts.push(held.address());
                // What comes out is nobody's in the books any more: some of it goes to an exchange.
                if held.value() > 2 * MILLI && book.rng().chance(1, 3) {
                    let place = book.rng().index(self.town.exchanges);
                    let script = self.town.deposit_script(book, place, &waiting.actor);
                    spoils.at = paid.at + book.rng().between(HOUR, 200 * HOUR);
                    let to = (Vec::new(), script);
                    let coins = vec![Loot::of(None, held)];
                    let swept =
                        self.spend(book, &mut Spoils::empty(spoils.theft, spoils.at), coins, to);
                    let coins = swept.loot.into_iter().map(|loot| loot.held);
                    self.town.tills[place].unswept.extend(coins);
                }
            }
            self.rest(spoils);
        }
    }

    /// What was told later of a theft.
    fn rest(&mut self, spoils: Spoils) {
        let incident = &mut self.incidents[spoils.theft];
        incident.accounts.extend(spoils.accounts);
        incident.patterns.extend(spoils.patterns);
    }
}
