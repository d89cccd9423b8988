//! Secrets at rest: sealed with an AEAD under a key id, and bound to the place where they lie.
//!
//! A sealed text is `v1.<key id>.<base64url(nonce ‖ ciphertext)>`. The place (table, row, column) is the
//! associated data, so a text that is copied to another row does not open there.
//!
//! | file | is |
//! |---|---|
//! | `ring` | the keys: the first one seals, all of them open |
//! | `column` | the one list of all sealed columns, and how their texts are read |
//! | `reseal` | from an older key to the first one, batch by batch |
//! | `check` | whether a ring fits what lies in the tables |

use std::fmt;

use sea_orm::DeriveValueType;

mod check;
mod column;
mod reseal;
mod ring;
#[cfg(test)]
mod tests;

pub use check::{Closed, Page, missing_keys, wrong_keys};
pub use column::{SEALED_COLUMNS, SealedColumn};
pub use reseal::Batch;
pub use ring::{Keyring, SealError, is_key_id};

/// A sealed secret, as it lies in a column.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct Sealed(String);

impl Sealed {
    /// Wraps a text that came from outside, still to be opened.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the sealed text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id of the key under which the text is sealed; `None` if it is no sealed text.
    pub fn key_id(&self) -> Option<&str> {
        let (id, _) = self.0.strip_prefix("v1.")?.split_once('.')?;
        is_key_id(id).then_some(id)
    }

    /// What every text under the key `id` begins with.
    fn prefix(id: &str) -> String {
        format!("v1.{id}.")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// Where a sealed secret lies.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's key.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

impl Place<'_> {
    /// Unambiguous whatever the parts contain: each is preceded by its length.
    fn associated_data(&self) -> Vec<u8> {
        [self.table, self.row, self.column]
            .iter()
            .flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.bytes()))
            .collect()
    }
}
