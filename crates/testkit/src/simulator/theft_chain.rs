//! A chain of outputs with a planted theft: several victims, a peel chain, a fan-out and its consolidation, a mixing
//! with innocent people, deposits to a service that sweeps them, and innocent traffic all the while.
//!
//! Coinbases wait their hundred blocks. The story is the same for every seed; amounts, forms, places and the
//! traffic are not.

use super::block::{Coin, Output};
use super::builder::ChainBuilder;
use super::chain::SimChain;
use super::script::{Form, Script};
use super::truth::{End, Fate, SCHEMA, Service, SimSize, Theft, Truth, Typology};
use crate::naive::utxo::{NaiveChain, Origin, trace};
use crate::naive::{Direction, Policy};

/// How many blocks a coinbase waits.
const MATURITY: usize = 100;
/// The equal amount of the mixing.
const DENOMINATION: u64 = 10_000_000;

/// A chain with a theft, and the truth of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UtxoScenario {
    /// The chain.
    pub chain: SimChain,
    /// What really happened.
    pub truth: Truth,
}

impl UtxoScenario {
    /// The chain for the naive reference, without services.
    #[must_use]
    pub fn to_naive(&self) -> NaiveChain {
        self.chain.to_naive()
    }
}

/// Makes a chain with a theft.
///
/// # Panics
/// If the size is too small for the story.
#[must_use]
pub fn utxo(seed: u64, size: SimSize) -> UtxoScenario {
    size.check();
    let mut story = Story::begin(seed, size);
    let (first, second) = story.theft();
    story.peel_chain(first);
    let spread = story.fan_out(second);
    let gathered = story.consolidation(spread);
    let mixed = story.mixing(&gathered);
    story.deposit(&mixed);
    story.sweep();
    for _ in 0..3 {
        story.mine();
    }
    story.end(seed)
}

/// The story as it is told.
struct Story {
    builder: ChainBuilder,
    size: SimSize,
    people: Vec<Script>,
    /// Innocent coins that can be spent.
    purse: Vec<Coin>,
    /// Coinbases, the youngest last.
    unripe: Vec<Vec<Coin>>,
    theft: Theft,
    stolen: u64,
    thief: Vec<String>,
    typologies: Vec<Typology>,
    kept: Vec<Coin>,
    /// Outputs at deposit addresses: the thief's, and innocent people's.
    deposits: Vec<Coin>,
    innocent_deposits: Vec<Coin>,
    unswept: String,
    hot: Script,
}

impl Story {
    /// Innocent life: coinbases, and payments among people.
    fn begin(seed: u64, size: SimSize) -> Self {
        let mut builder = ChainBuilder::new(seed);
        let mut people = Vec::new();
        for place in 0..size.innocents {
            let forms = [Form::P2pkh, Form::P2wpkh, Form::P2tr, Form::P2pk];
            people.push(Script::random(forms[place % 4], &mut builder.rng));
        }
        let hot = Script::random(Form::P2wpkh, &mut builder.rng);
        let mut story = Self {
            builder,
            size,
            people,
            purse: Vec::new(),
            unripe: Vec::new(),
            theft: Theft {
                transactions: Vec::new(),
                victims: Vec::new(),
                origins: Vec::new(),
            },
            stolen: 0,
            thief: Vec::new(),
            typologies: Vec::new(),
            kept: Vec::new(),
            deposits: Vec::new(),
            innocent_deposits: Vec::new(),
            unswept: String::new(),
            hot,
        };
        for _ in 0..MATURITY + 12 {
            story.mine();
        }
        // Large coins are cut, so that there is change for everybody.
        for coin in std::mem::take(&mut story.purse) {
            let part = coin.output.value / 8;
            let outputs = (0..8).map(|_| output(story.person(), part)).collect();
            let made = story.builder.pay(&[coin], outputs);
            story.purse.extend(made);
        }
        story.mine();
        story
    }

    /// Two transactions rob the victims; each pays one output of the thief.
    fn theft(&mut self) -> (Coin, Coin) {
        let mut victims = Vec::new();
        for _ in 0..self.size.victims {
            let value = self.builder.rng.between(100_000_000, 190_000_000);
            let script = Script::random_with_address(&mut self.builder.rng);
            victims.push(self.innocent_payment(script, value));
        }
        self.traffic();
        self.mine();
        let half = victims.len() / 2;
        let (one, two) = victims.split_at(half);
        let mut loot = Vec::new();
        for coins in [one, two] {
            self.traffic();
            let total = value(coins) - self.fee();
            let script = self.thief_script();
            let made = self
                .builder
                .pay(coins, vec![output(script, total)])
                .remove(0);
            self.stolen += total;
            self.theft.transactions.push(txid(&made));
            self.theft.victims.extend(coins.iter().map(Coin::name));
            self.theft.origins.push(made.name());
            loot.push(made);
        }
        self.mine();
        let second = loot.pop().expect("two thefts");
        (loot.pop().expect("two thefts"), second)
    }

    /// Peels a little off the first loot, again and again: to deposit addresses and to places of his own.
    /// The second hop stands in the same block as the first.
    fn peel_chain(&mut self, mut coin: Coin) {
        let mut peels = Typology::new("peel-chain");
        let mut same_block = Typology::new("same-block");
        for hop in 0..self.size.peel_hops {
            self.traffic();
            let fee = self.fee();
            let peel = coin.output.value / self.builder.rng.between(9, 14);
            let to_service = hop % 2 == 0;
            let target = if to_service {
                Script::random(Form::P2wpkh, &mut self.builder.rng)
            } else {
                self.thief_script()
            };
            let change = output(self.thief_script(), coin.output.value - peel - fee);
            let mut outputs = vec![output(target, peel), change];
            let change_place = self.builder.rng.index(2);
            if change_place == 0 {
                outputs.swap(0, 1);
            }
            let mut made = self.builder.pay(&[coin], outputs);
            coin = made.remove(change_place);
            let peeled = made.remove(0);
            peels.transactions.push(txid(&coin));
            peels.places.push(peeled.name());
            if hop < 2 {
                same_block.transactions.push(txid(&coin));
            }
            if to_service {
                self.record_deposit(&peeled, hop == 0);
            } else {
                self.kept.push(peeled);
            }
            if hop > 0 {
                self.mine();
            }
        }
        self.kept.push(coin);
        self.typologies.extend([peels, same_block]);
    }

    /// The second loot over many addresses at once, with a data carrier of no value in the middle.
    fn fan_out(&mut self, coin: Coin) -> Vec<Coin> {
        self.traffic();
        let count = self.size.fan_out;
        let mut left = coin.output.value - self.fee();
        let mut outputs = Vec::new();
        for place in 1..=count {
            let share = left / u64::try_from(count - place + 1).expect("a small number");
            let part = if place == count {
                left
            } else {
                self.builder.rng.between(share / 2, share)
            };
            left -= part;
            outputs.push(output(self.thief_script(), part));
        }
        let carrier = Script::random(Form::OpReturn, &mut self.builder.rng);
        outputs.insert(count / 2, output(carrier, 0));
        let made = self.builder.pay(&[coin], outputs);
        self.mine();
        let mut fan = Typology::new("fan-out");
        fan.transactions.push(txid(&made[0]));
        fan.places.extend(made.iter().map(Coin::name));
        let mut carrier = Typology::new("data-carrier");
        carrier.transactions.push(txid(&made[0]));
        carrier
            .places
            .push(format!("{}:{}", txid(&made[0]), count / 2));
        self.typologies.extend([fan, carrier]);
        made
    }

    /// All but one of the spread coins into one.
    fn consolidation(&mut self, mut coins: Vec<Coin>) -> Coin {
        self.traffic();
        let kept = self.builder.rng.index(coins.len());
        let kept = coins.remove(kept);
        self.kept.push(kept);
        self.builder.rng.shuffle(&mut coins);
        let total = value(&coins) - self.fee();
        let script = self.thief_script();
        let made = self
            .builder
            .pay(&coins, vec![output(script, total)])
            .remove(0);
        self.mine();
        let mut gather = Typology::new("consolidation");
        gather.transactions.push(txid(&made));
        gather.places.push(made.name());
        self.typologies.push(gather);
        made
    }

    /// The thief and three innocent people mix: equal outputs and change for everybody, in a random order.
    fn mixing(&mut self, coin: &Coin) -> Coin {
        self.traffic();
        let mut coins = vec![coin.clone()];
        let enough = |coin: &Coin| coin.output.value > 2 * DENOMINATION;
        while coins.len() < 4 {
            let place = self
                .purse
                .iter()
                .position(enough)
                .expect("somebody has enough");
            coins.push(self.purse.remove(place));
        }
        self.builder.rng.shuffle(&mut coins);
        let fee = self.fee();
        let mut outputs = Vec::new();
        let mut ours = Vec::new();
        for from in &coins {
            let change = from.output.value - DENOMINATION - fee;
            for amount in [DENOMINATION, change] {
                let script = if from == coin {
                    let script = self.thief_script();
                    ours.push(script.clone());
                    script
                } else {
                    self.person()
                };
                outputs.push(output(script, amount));
            }
        }
        self.builder.rng.shuffle(&mut outputs);
        let mut mix = Typology::new("mixing");
        let mut thiefs = Vec::new();
        for made in self.builder.pay(&coins, outputs) {
            if mix.transactions.is_empty() {
                mix.transactions.push(txid(&made));
            }
            if ours.contains(&made.output.script) {
                mix.places.push(made.name());
                thiefs.push(made);
            } else {
                self.purse.push(made);
            }
        }
        self.mine();
        self.typologies.push(mix);
        thiefs.sort_by_key(|made| made.output.value);
        let change = thiefs
            .pop()
            .expect("the change of a large loot is larger than a denomination");
        self.kept.push(change);
        thiefs.pop().expect("the mixed coin")
    }

    /// The mixed coin to one more deposit address.
    fn deposit(&mut self, coin: &Coin) {
        self.traffic();
        let script = Script::random(Form::P2pkh, &mut self.builder.rng);
        let total = coin.output.value - self.fee();
        let made = self
            .builder
            .pay(std::slice::from_ref(coin), vec![output(script, total)])
            .remove(0);
        self.record_deposit(&made, false);
        self.mine();
    }

    /// Innocent customers deposit too; the service sweeps all but one into its hot wallet, and pays customers out.
    fn sweep(&mut self) {
        for _ in 0..self.size.deposits {
            let value = self.builder.rng.between(1_000_000, 9_000_000);
            let script = Script::random(Form::P2wpkh, &mut self.builder.rng);
            let made = self.innocent_payment(script, value);
            self.innocent_deposits.push(made);
        }
        self.mine();
        self.traffic();
        let mut coins = [&self.deposits[..], &self.innocent_deposits].concat();
        self.builder.rng.shuffle(&mut coins);
        let total = value(&coins) - self.fee();
        let hot = output(self.hot.clone(), total);
        let swept = self.builder.pay(&coins, vec![hot]).remove(0);
        self.mine();
        let mut sweep = Typology::new("sweep");
        sweep.transactions.push(txid(&swept));
        sweep.places.push(swept.name());
        self.typologies.push(sweep);
        let fee = self.fee();
        let paid = total / 3;
        let outputs = vec![
            output(self.person(), paid),
            output(self.hot.clone(), total - paid - fee),
        ];
        let made = self.builder.pay(&[swept], outputs).remove(0);
        self.purse.push(made);
        self.mine();
    }

    fn end(self, seed: u64) -> UtxoScenario {
        let chain = self.builder.finish(self.thief.clone());
        let naive = chain.to_naive();
        let origins: Vec<Origin> = self
            .theft
            .origins
            .iter()
            .cloned()
            .map(Origin::Output)
            .collect();
        let hot = self.hot.address.expect("a hot wallet has an address");
        let mut stopped = naive.clone();
        stopped.services.insert(hot.clone());
        let truth = Truth {
            schema: SCHEMA.to_owned(),
            kind: "utxo".to_owned(),
            seed,
            stolen: u128::from(self.stolen),
            theft: self.theft,
            thief: self.thief,
            typologies: self.typologies,
            service: Service {
                hot,
                deposits: addresses(&self.deposits),
                unswept: self.unswept,
                innocent_deposits: addresses(&self.innocent_deposits),
            },
            openings: Vec::new(),
            kept: self.kept.iter().map(Coin::name).collect(),
            fifo: Fate {
                followed_through: ends(&naive, &origins),
                stopped_at_service: ends(&stopped, &origins),
            },
        };
        UtxoScenario { chain, truth }
    }

    /// One deposit of the thief; one of them is never swept.
    fn record_deposit(&mut self, coin: &Coin, unswept: bool) {
        let mut deposit = Typology::new("deposit");
        deposit.transactions.push(txid(coin));
        deposit.places.push(coin.name());
        self.typologies.push(deposit);
        if unswept {
            self.unswept = address(coin);
        } else {
            self.deposits.push(coin.clone());
        }
    }

    /// Closes the block; coinbases that have waited long enough go to the purse.
    fn mine(&mut self) {
        let miner = self.person();
        let made = self.builder.mine(&[miner]);
        self.unripe.push(made);
        if self.unripe.len() > MATURITY {
            let ripe = self.unripe.remove(0);
            self.purse.extend(ripe);
        }
    }

    /// Innocent payments: a few coins of the purse to a few people.
    fn traffic(&mut self) {
        for _ in 0..self.size.traffic {
            let count = 1 + self.builder.rng.index(3.min(self.purse.len()));
            let mut coins = Vec::new();
            for _ in 0..count {
                let place = self.builder.rng.index(self.purse.len());
                coins.push(self.purse.remove(place));
            }
            let fee = self.fee();
            if value(&coins) < 10 * fee {
                // Too little to share; it is left alone for good.
                continue;
            }
            let total = value(&coins) - fee;
            let part = self.builder.rng.between(total / 4, total / 2);
            let outputs = vec![
                output(self.person(), part),
                output(self.person(), total - part),
            ];
            let made = self.builder.pay(&coins, outputs);
            self.purse.extend(made);
        }
    }

    /// An innocent person pays an exact amount to a script and takes the change.
    fn innocent_payment(&mut self, script: Script, amount: u64) -> Coin {
        let fee = self.fee();
        let enough = |coin: &Coin| coin.output.value > amount + fee;
        let place = self
            .purse
            .iter()
            .position(enough)
            .expect("somebody has enough");
        let coin = self.purse.remove(place);
        let change = coin.output.value - amount - fee;
        let outputs = vec![output(script, amount), output(self.person(), change)];
        let mut made = self.builder.pay(&[coin], outputs);
        self.purse.push(made.remove(1));
        made.remove(0)
    }

    fn person(&mut self) -> Script {
        self.builder.rng.pick(&self.people).clone()
    }

    fn thief_script(&mut self) -> Script {
        let script = Script::random_with_address(&mut self.builder.rng);
        self.thief.extend(script.address.clone());
        script
    }

    fn fee(&mut self) -> u64 {
        self.builder.rng.between(300, 5000)
    }
}

fn output(script: Script, value: u64) -> Output {
    Output { value, script }
}

fn value(coins: &[Coin]) -> u64 {
    coins.iter().map(|coin| coin.output.value).sum()
}

fn txid(coin: &Coin) -> String {
    super::block::display(&coin.txid)
}

fn address(coin: &Coin) -> String {
    let address = coin.output.script.address.clone();
    address.expect("a deposit goes to an address")
}

fn addresses(coins: &[Coin]) -> Vec<String> {
    coins.iter().map(address).collect()
}

fn ends(chain: &NaiveChain, origins: &[Origin]) -> Vec<End> {
    let ends = trace(chain, origins, Policy::Fifo, Direction::Forward);
    let end = |end: crate::naive::utxo::Endpoint| End {
        kind: end.kind.word().to_owned(),
        place: end.place,
        origin: end.label,
        amount: end.amount,
    };
    ends.into_iter().map(end).collect()
}
