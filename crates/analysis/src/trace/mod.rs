//! Traces: where taint goes from its origins, or where it came from.
//!
//! One [`kernel`] says how taint passes a transaction; two drivers feed it in chain order from a queue:
//! [`utxo`] walks outputs, [`account`] walks holdings. Both look only at what taint reaches, so the cost
//! grows with the answer. [`bounds`] says what any other policy could have answered. [`continuation`] goes on where only a
//! claim says that money did.

pub mod account;
mod bounds;
mod collect;
pub mod continuation;
pub mod freeze;
pub mod kernel;
mod origins;
pub mod policy;
mod render;
pub mod request;
pub mod result;
mod stop;
pub mod taint;
pub mod utxo;

pub use account::trace_accounts;
pub use continuation::{Arrival, Continuation, Departure, follow_claims};
pub use policy::{Direction, Policy};
pub use request::{
    Carried, Knowledge, KnownDeposit, KnownService, Origin, OriginPlace, Request, Stops,
    TraceError, Window,
};
pub use result::Trace;
pub use utxo::{Followed, Kernel, follow_utxo, trace_utxo};
