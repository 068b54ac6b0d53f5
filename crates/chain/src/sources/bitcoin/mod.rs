//! Bitcoin blocks: as a node keeps them in its `blocks/` directory, as one block file, or raw.
//!
//! A scan finds the blocks by their headers; each is parsed whole and checked by its hashes before anything
//! of it counts, and its bytes stay where they lie until then. What is not in the files (scripts' meaning, the difficulty rules,
//! the mempool) is not judged here.

mod block;
mod check;
mod compressed;
mod cursor;
pub(crate) mod directory;
mod fault;
mod hash;
mod height;
mod parse;
pub(crate) mod records;
mod rev;
pub(crate) mod scan;
mod spent;
mod undo;
pub(crate) mod window;
mod work;

pub use block::{BlockRef, Header, Input, Output, Transaction};
pub use check::{CheckedBlock, check};
pub use cursor::FaultAt;
pub use directory::DirectoryFault;
pub use fault::BlockFault;
pub use height::claimed;
pub use records::RecordFault;
pub use rev::RevFiles;
pub use spent::{SpentOutput, parse_body, shape_of};
pub use undo::{UndoFault, UndoFaultAt};
pub use work::{limit, target, work};

pub(crate) use block::{HEADER_SIZE, SUPPLY_MAX};
pub(crate) use check::{check_parsed, commits_to};
pub(crate) use height::HEIGHT_MAX;
pub(crate) use parse::ParsedBlock;
