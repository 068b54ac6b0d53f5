//! Whose an address is: of a service, of a service's customer, or a name and nothing more.

use serde::{Deserialize, Serialize};

use super::Fields;
use super::forms::said;

/// Who an address belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressClaim {
    /// CAIP-10, or with a short chain name.
    pub address: String,
    /// Its name.
    pub name: String,
    /// `exchange`, `mixer`, `bridge`, `dex`, …
    pub category: String,
}

impl Fields for AddressClaim {
    fn check(&self) -> Result<(), String> {
        said("address", &self.address)?;
        said("name", &self.name)?;
        said("category", &self.category)
    }

    fn subjects(&self, about: &mut dyn FnMut(&str, &str)) {
        about("address", &self.address);
    }
}
