//! What happens in the big chain: who pays whom, block by block.
//!
//! Every coin is worth at least [`LEAST`], and every transaction spends at least twice that, pays a fee of at most a
//! tenth, and makes no coin worth less: so nothing dwindles to nothing, however long the chain is.

use super::coins::{Coin, Purse, take_any};
use super::people::{Owner, People};
use super::theft::Thefts;
use super::wire::{Draft, Pay};
use super::{Bulk, SUBSIDY};
use crate::rng::SplitMix64;
use crate::simulator::block::Hash;

/// The least that a coin is worth, in satoshi.
const LEAST: u64 = 1_000;
/// How many blocks lie between two moves of a thief among his own addresses, on the average.
const THIEFS_PAUSE: u64 = 16;

/// What was made so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) blocks: u64,
    pub(super) transactions: u64,
    pub(super) inputs: u64,
    pub(super) outputs: u64,
    pub(super) addresses: u64,
    /// In satoshi.
    pub(super) fees: u64,
}

impl Counts {
    /// The first block is given: one coinbase with one output, that nobody spends.
    pub(super) fn genesis(&mut self) {
        self.blocks += 1;
        self.transactions += 1;
        self.outputs += 1;
        self.addresses += 1;
    }
}

/// A service's coins.
#[derive(Debug, Default)]
struct Service {
    deposits: Vec<Coin>,
    /// With how many deposits it sweeps.
    sweep_at: usize,
    hot: Vec<Coin>,
}

/// Everybody, their coins, and the block that is being filled.
#[derive(Debug)]
pub(super) struct Economy<'a> {
    bulk: &'a Bulk,
    rng: SplitMix64,
    /// For bytes that mean nothing.
    noise: SplitMix64,
    people: People,
    purse: Purse,
    services: Vec<Service>,
    /// For each service, the weight of it and of those before.
    weights: Vec<u64>,
    /// Services that have something to sweep.
    ready: Vec<usize>,
    peels: Vec<Coin>,
    pub(super) thefts: Thefts,
    pub(super) counts: Counts,
    pub(super) height: u32,
    pub(super) draft: Draft,
    fees_before: u64,
    // The transaction that is being made.
    coins: Vec<Coin>,
    total: u64,
    parts: Vec<(Owner, u64)>,
    pays: Vec<Pay>,
}

impl<'a> Economy<'a> {
    pub(super) fn new(bulk: &'a Bulk) -> Self {
        let mut rng = SplitMix64::new(bulk.seed.wrapping_add(1));
        let mut weights = Vec::new();
        let mut services = Vec::new();
        let mut sum = 0;
        for rank in (1_u64..).take(bulk.services) {
            sum += 1_000_000 / rank;
            weights.push(sum);
            let sweep_at = sweep_at(&mut rng);
            services.push(Service {
                sweep_at,
                ..Service::default()
            });
        }
        let recent = usize::try_from(bulk.outputs_per_block * 4).expect("some thousand");
        Self {
            bulk,
            noise: SplitMix64::new(rng.next_u64()),
            rng,
            people: People::new(bulk),
            purse: Purse::new(recent, bulk.recent_per_cent),
            services,
            weights,
            ready: Vec::new(),
            peels: Vec::new(),
            thefts: Thefts::plan(bulk.thieves, bulk.outputs, 1000 - bulk.theft_per_mille),
            counts: Counts::default(),
            height: 0,
            draft: Draft::default(),
            fees_before: 0,
            coins: Vec::new(),
            total: 0,
            parts: Vec::new(),
            pays: Vec::new(),
        }
    }

    /// Fills the next block with transactions, and gives what its coinbase pays.
    pub(super) fn fill_block(&mut self) -> Pay {
        self.height += 1;
        self.draft.clear();
        self.fees_before = self.counts.fees;
        self.thieves_act();
        // The coinbase has two outputs.
        let full = self.counts.outputs + self.bulk.outputs_per_block - 2;
        let full = full.min(self.bulk.outputs.saturating_sub(2));
        while self.counts.outputs < full && self.act() {}
        self.to(Owner::Miner, SUBSIDY + self.counts.fees - self.fees_before)
    }

    /// Counts the coinbase, whose second output commits to the witnesses, and lets its money be spent.
    pub(super) fn close_block(&mut self, txid: Hash, reward: Pay) {
        self.counts.blocks += 1;
        self.counts.transactions += 1;
        self.counts.outputs += 2;
        self.counts.addresses = self.people.addresses + 1;
        let coin = Coin {
            txid,
            vout: 0,
            form: reward.to.form,
            thefts: 0,
            value: reward.value,
        };
        self.purse.put(coin, &mut self.rng);
    }

    /// Somebody does something; false where nobody has anything.
    fn act(&mut self) -> bool {
        let few = usize::try_from(self.bulk.outputs_per_block * 2).expect("some thousand");
        if let Some(service) = self.ready.pop() {
            return self.sweep(service);
        }
        if self.purse.len() < few {
            return self.fan_out();
        }
        let withdrawal = self.bulk.withdrawals_per_mille;
        let peel = withdrawal + self.bulk.peels_per_mille;
        let coinjoin = peel + self.bulk.coinjoins_per_mille;
        let act = self.rng.below(1000);
        if act < withdrawal {
            self.withdraw()
        } else if act < peel {
            self.peel()
        } else if act < coinjoin {
            self.coinjoin()
        } else {
            self.pay()
        }
    }

    fn pay(&mut self) -> bool {
        let few = self.counts.inputs * 100 < self.counts.outputs * self.bulk.inputs_per_cent;
        let more = u64::from(few);
        let count = 1 + more + self.rng.below(2);
        if !(0..count).all(|_| self.spend_persons()) {
            return !self.coins.is_empty() && self.fund() && self.pay_persons(2);
        }
        self.fund() && self.pay_persons(2)
    }

    /// Before there are enough coins to go round: one coin to many.
    fn fan_out(&mut self) -> bool {
        let count = self.rng.between(20, 60);
        self.spend_persons() && self.fund() && self.pay_persons(count)
    }

    /// Pays a service or somebody, the others, and at times for some data.
    fn pay_persons(&mut self, count: u64) -> bool {
        let fee = self.fee(count);
        let recipient = self.recipient();
        self.divide(self.total - fee, count, recipient, Owner::Person);
        if self.rng.chance(30, 1000) {
            self.output(Owner::Data, 0);
        }
        self.settle(None)
    }

    fn sweep(&mut self, service: usize) -> bool {
        let coins = std::mem::take(&mut self.services[service].deposits);
        self.services[service].sweep_at = sweep_at(&mut self.rng);
        for coin in coins {
            self.spend(coin);
        }
        let fee = self.fee(1);
        self.output(Owner::Hot(service), self.total - fee);
        self.settle(None)
    }

    fn withdraw(&mut self) -> bool {
        let service = self.service();
        for _ in 0..1 + self.rng.below(3) / 2 {
            if let Some(coin) = take_any(&mut self.services[service].hot, &mut self.rng) {
                self.spend(coin);
            }
        }
        if self.coins.is_empty() {
            return self.pay();
        }
        if !self.fund() {
            return false;
        }
        let count = self.rng.between(2, 21);
        let fee = self.fee(count);
        self.divide(self.total - fee, count, Owner::Hot(service), Owner::Person);
        // Some customers withdraw to another service.
        for place in 1..self.parts.len() {
            if self.rng.chance(2, 5) {
                self.parts[place].0 = Owner::Deposit(self.service());
            }
        }
        self.settle(None)
    }

    fn peel(&mut self) -> bool {
        let begin = self.peels.len() < self.bulk.peel_chains
            && self.rng.index(self.bulk.peel_chains) >= self.peels.len();
        if !begin && let Some(coin) = take_any(&mut self.peels, &mut self.rng) {
            self.spend(coin);
        } else if !self.spend_persons() {
            return false;
        }
        if !self.fund() {
            return false;
        }
        let rest = self.total - self.fee(2);
        let peeled = (rest / self.rng.between(5, 50)).max(LEAST);
        let recipient = self.recipient();
        if rest < peeled + 1000 * LEAST {
            // Nothing is left to peel.
            self.divide(rest, 2, recipient, Owner::Person);
        } else {
            self.output(recipient, peeled);
            self.output(Owner::Peel, rest - peeled);
        }
        self.settle(None)
    }

    /// Each party has an output like all others', and its change.
    fn coinjoin(&mut self) -> bool {
        for _ in 0..self.rng.between(5, 40) {
            match self.purse.take(&mut self.rng) {
                Some(coin) if coin.value >= 3 * LEAST => self.spend(coin),
                Some(coin) => self.purse.put(coin, &mut self.rng),
                None => break,
            }
        }
        if self.coins.len() < 5 {
            return !self.coins.is_empty() && self.fund() && self.pay_persons(2);
        }
        let least = self.coins.iter().map(|coin| coin.value).min();
        let part = least.expect("there are five") / 10 * 9;
        for place in 0..self.coins.len() {
            let change = self.coins[place].value - part - 200;
            self.output(Owner::Person, part);
            if change >= LEAST {
                self.output(Owner::Person, change);
            }
        }
        self.settle(None)
    }

    fn thieves_act(&mut self) {
        let stolen_at = self.bulk.outputs * self.bulk.theft_per_mille / 1000;
        if self.counts.outputs < stolen_at || self.purse.len() < 20 * self.bulk.thieves {
            return;
        }
        for thief in 0..self.bulk.thieves {
            let theft = &mut self.thefts.0[thief];
            if theft.loot.is_none() {
                self.steal(thief);
            } else if theft.released_height.is_none() && self.counts.outputs < theft.release_at {
                self.hide(thief);
            } else {
                theft.released_height.get_or_insert(self.height);
                for coin in std::mem::take(&mut theft.coins) {
                    self.purse.put(coin, &mut self.rng);
                }
            }
        }
    }

    /// Takes coins of a big service's hot wallet.
    fn steal(&mut self, thief: usize) {
        let service = thief % self.services.len();
        for _ in 0..100 {
            match take_any(&mut self.services[service].hot, &mut self.rng) {
                Some(coin) => self.spend(coin),
                None => break,
            }
        }
        if !self.fund() {
            return;
        }
        let rest = self.total - self.fee(2);
        self.output(Owner::Thief(thief), rest / 10 * 9);
        self.output(Owner::Hot(service), rest - rest / 10 * 9);
        self.settle(Some(thief));
    }

    /// The thief splits the loot at first, and later now and then a part of it.
    fn hide(&mut self, thief: usize) {
        let coins = &mut self.thefts.0[thief].coins;
        let count = if coins.len() == 1 { 16 } else { 2 };
        if count == 2 && !self.rng.chance(1, THIEFS_PAUSE) {
            return;
        }
        let Some(coin) = take_any(coins, &mut self.rng) else {
            return;
        };
        if coin.value < 2 * LEAST {
            coins.push(coin);
            return;
        }
        self.spend(coin);
        let fee = self.fee(count);
        let own = Owner::Thief(thief);
        self.divide(self.total - fee, count, own, own);
        self.settle(None);
    }

    fn spend(&mut self, coin: Coin) {
        self.total += coin.value;
        self.coins.push(coin);
    }

    fn spend_persons(&mut self) -> bool {
        let coin = self.purse.take(&mut self.rng);
        coin.map(|coin| self.spend(coin)).is_some()
    }

    /// Adds coins until there is enough for one output and a fee.
    fn fund(&mut self) -> bool {
        while self.total < 2 * LEAST {
            if !self.spend_persons() {
                return false;
            }
        }
        true
    }

    /// Up to 30 satoshi a byte, and up to a tenth of what is spent.
    fn fee(&mut self, outputs: u64) -> u64 {
        let inputs = u64::try_from(self.coins.len()).expect("some inputs");
        let bytes = 12 + 100 * inputs + 34 * outputs;
        let fee = bytes * self.rng.between(1, 30);
        fee.min(self.total / 10)
    }

    /// Makes outputs of all of `rest`, in random parts, as many as it suffices for.
    fn divide(&mut self, mut rest: u64, count: u64, first: Owner, others: Owner) {
        let count = count.min(rest / LEAST).max(1);
        for left in (0..count).rev() {
            let owner = if left + 1 == count { first } else { others };
            let part = if left == 0 {
                rest
            } else {
                // The others must have the least that is left for them.
                let free = rest - LEAST * (left + 1);
                LEAST + self.rng.below(free / (left + 1) * 2 + 1)
            };
            self.output(owner, part);
            rest -= part;
        }
    }

    fn output(&mut self, owner: Owner, value: u64) {
        self.parts.push((owner, value));
    }

    fn to(&mut self, owner: Owner, value: u64) -> Pay {
        let outputs = self.counts.outputs;
        let to = self.people.place(owner, outputs, &mut self.rng);
        Pay { value, to }
    }

    fn recipient(&mut self) -> Owner {
        if self.rng.chance(self.bulk.deposits_per_cent, 100) {
            Owner::Deposit(self.service())
        } else {
            Owner::Person
        }
    }

    /// Any service, by weight.
    fn service(&mut self) -> usize {
        let all = self.weights.last().expect("there are services");
        let place = self.rng.below(*all);
        self.weights.partition_point(|weight| *weight <= place)
    }

    /// Writes the transaction and gives everybody their coins.
    fn settle(&mut self, thief: Option<usize>) -> bool {
        for place in 0..self.parts.len() {
            let (owner, value) = self.parts[place];
            let pay = self.to(owner, value);
            self.pays.push(pay);
        }
        let paid: u64 = self.pays.iter().map(|pay| pay.value).sum();
        assert!(paid < self.total, "every transaction pays a fee");
        let (seed, noise) = (self.bulk.seed, &mut self.noise);
        let txid = self.draft.push(seed, &self.coins, &self.pays, noise);
        let worth_something = self.pays.iter().filter(|pay| pay.value > 0).count();
        let as_u64 = |count| u64::try_from(count).expect("a count fits 64 bits");
        let thefts = self.thefts.follow(&self.coins, as_u64(worth_something));
        self.counts.transactions += 1;
        self.counts.inputs += as_u64(self.coins.len());
        self.counts.outputs += as_u64(self.pays.len());
        self.counts.fees += self.total - paid;
        for place in 0..self.pays.len() {
            let pay = self.pays[place];
            let mut coin = Coin {
                txid,
                vout: u32::try_from(place).expect("few outputs"),
                form: pay.to.form,
                thefts,
                value: pay.value,
            };
            if let (Some(thief), 0) = (thief, place) {
                coin.thefts |= 1 << thief;
                let theft = &mut self.thefts.0[thief];
                theft.loot = Some(coin);
                theft.height = self.height;
                theft.cone.outputs = 1;
            }
            self.give(self.parts[place].0, coin);
        }
        self.coins.clear();
        self.pays.clear();
        self.parts.clear();
        self.total = 0;
        true
    }

    fn give(&mut self, owner: Owner, coin: Coin) {
        match owner {
            Owner::Person | Owner::Miner => self.purse.put(coin, &mut self.rng),
            Owner::Deposit(place) => {
                let service = &mut self.services[place];
                service.deposits.push(coin);
                if service.deposits.len() == service.sweep_at {
                    self.ready.push(place);
                }
            }
            Owner::Hot(service) => self.services[service].hot.push(coin),
            Owner::Peel => self.peels.push(coin),
            Owner::Thief(thief) => self.thefts.0[thief].coins.push(coin),
            Owner::Data => {}
        }
    }
}

/// How many deposits a service waits for: 5 to 85, fewer more often than many.
fn sweep_at(rng: &mut SplitMix64) -> usize {
    let number = rng.between(5, 85).min(rng.between(5, 85));
    usize::try_from(number).expect("a small number")
}
