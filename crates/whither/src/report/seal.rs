//! The seal over a manifest: its hash, and signatures of those who vouch for it.
//!
//! A signature is Ed25519 over the text `whither.seal/1`, a line break, and the hash of the manifest. A key is a file with 64
//! hexadecimal digits; who it belongs to is told on another way than the edition, and a reader gives the keys that they know.

use std::path::Path;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use whither_casework::{Hash, Json};

use crate::error::Error;

/// A key file is far shorter than this, in bytes.
const KEY_LENGTH_MAX: u64 = 4096;

/// `whither.seal/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seal {
    schema: String,
    /// SHA-256 of the manifest.
    pub manifest: String,
    /// Who vouches for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signed>,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signed {
    /// The public key, in hexadecimal digits.
    pub key: String,
    /// The signature, in hexadecimal digits.
    pub signature: String,
}

impl Seal {
    /// Seals a manifest, and signs it where a key is given.
    pub(super) fn new(manifest: Hash, key: Option<&Path>) -> Result<Self, Error> {
        let signatures = key.map(|file| sign(manifest, file)).transpose()?;
        Ok(Self {
            schema: "whither.seal/1".to_owned(),
            manifest: manifest.to_string(),
            signatures: signatures.into_iter().collect(),
        })
    }

    pub(super) fn canonical(&self) -> Result<String, Error> {
        Ok(Json::of(self).map_err(Error::new)?.canonical())
    }

    /// The keys whose signatures do not hold.
    pub(super) fn broken(&self) -> Vec<String> {
        let broken = self.signatures.iter().filter(|signed| !self.holds(signed));
        broken.map(|signed| signed.key.clone()).collect()
    }

    /// The keys whose signatures hold.
    pub(super) fn holding(&self) -> Vec<String> {
        let holding = self.signatures.iter().filter(|signed| self.holds(signed));
        holding.map(|signed| signed.key.clone()).collect()
    }

    fn holds(&self, signed: &Signed) -> bool {
        let key = bytes(&signed.key).and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let signature = bytes(&signed.signature).map(|bytes| Signature::from_bytes(&bytes));
        match (key, signature) {
            (Some(key), Some(signature)) => {
                let said = said(&self.manifest);
                key.verify_strict(said.as_bytes(), &signature).is_ok()
            }
            _ => false,
        }
    }
}

/// What is signed.
fn said(manifest: &str) -> String {
    format!("whither.seal/1\n{manifest}")
}

fn sign(manifest: Hash, file: &Path) -> Result<Signed, Error> {
    use std::io::Read as _;
    let wrong = |why: &dyn std::fmt::Display| {
        Error::new(format!("{} is no key: {why}", file.display())).with_hint(
            "a key is 64 hexadecimal digits that nobody else has: `openssl rand -hex 32 > key`",
        )
    };
    let mut text = String::new();
    let open = std::fs::File::open(file).map_err(|error| wrong(&error))?;
    let read = open.take(KEY_LENGTH_MAX).read_to_string(&mut text);
    read.map_err(|error| wrong(&error))?;
    let secret =
        bytes::<32>(text.trim()).ok_or_else(|| wrong(&"it is not 64 hexadecimal digits"))?;
    let key = SigningKey::from_bytes(&secret);
    let signature = key.sign(said(&manifest.to_string()).as_bytes());
    Ok(Signed {
        key: hex(key.verifying_key().as_bytes()),
        signature: hex(&signature.to_bytes()),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.len() == N * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        let pair = text.get(at * 2..at * 2 + 2).filter(|_| digits)?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1: the public key of the first test's secret key.
    #[test]
    fn a_signature_holds_for_its_manifest_alone() {
        let dir = std::env::temp_dir().join(format!("whither-seal-{}", std::process::id()));
        let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        std::fs::write(&dir, secret).unwrap();
        let seal = Seal::new(Hash::of(b"a"), Some(&dir)).unwrap();
        assert_eq!(
            seal.signatures[0].key,
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        assert!(seal.broken().is_empty());
        let other = Seal {
            manifest: Hash::of(b"b").to_string(),
            ..seal
        };
        assert_eq!(other.broken().len(), 1);
        std::fs::write(&dir, "no key").unwrap();
        assert!(Seal::new(Hash::of(b"a"), Some(&dir)).is_err());
        std::fs::remove_file(&dir).unwrap();
    }
}
