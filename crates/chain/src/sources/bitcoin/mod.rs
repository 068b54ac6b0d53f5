//! Bitcoin blocks: as a node keeps them in its `blocks/` directory, as one block file, or raw.
//!
//! Every block is parsed whole and checked by its hashes before anything of it counts; its bytes stay
//! where they lie until they are needed. What is not in the files (scripts' meaning, the difficulty rules,
//! the mempool) is not judged here.

mod block;
mod check;
mod compressed;
mod cursor;
pub(crate) mod directory;
mod fault;
mod height;
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

pub(crate) use block::{BLOCK_SIZE_MAX, HEADER_SIZE, SUPPLY_MAX, parse_prefix};
pub(crate) use check::commits_to;
pub(crate) use height::HEIGHT_MAX;
