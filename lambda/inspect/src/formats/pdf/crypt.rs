//! Documents that are encrypted and open without a password: the standard security handler.
//!
//! Statements and forms are often encrypted for their owner's restrictions only; every viewer
//! shows them. With a password to be typed nothing can be read, and the document is refused.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::object::{Dict, Object, Resolve};
use crate::verdict::{Fault, Kind};

/// What an empty password is filled up with.
const PAD: [u8; 32] = *b"\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\
    \x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A";

/// How often the hash of revision 6 may go on.
const ROUNDS: usize = 4096;

/// How something is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    None,
    Rc4,
    /// AES with 128 bits, and a key for each object.
    Aes,
    /// AES with 256 bits, and one key for all.
    Aes256,
}

/// The key of a document, and what is encrypted how.
pub(super) struct Crypt {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    files: Method,
    filters: Vec<(String, Method)>,
    metadata: bool,
    /// The object that says this is not encrypted.
    own: Option<u32>,
}

fn refused(what: &str) -> Fault {
    Fault::new(Kind::Encrypted, format!("{what}; qpdf --decrypt writes a copy that can be read"), 0)
}

impl Crypt {
    /// The key that the empty password opens.
    pub(super) fn open(dict: &Dict, own: Option<u32>, id: &[u8], resolver: &dyn Resolve) -> Result<Self, Fault> {
        let number = |name: &str| resolver.entry(dict, name).number();
        let unknown = || refused("the document is encrypted in an unknown way");
        if resolver.entry(dict, "Filter").name() != Some("Standard") {
            return Err(unknown());
        }
        let version = resolver.entry(dict, "V").count().unwrap_or(0);
        let revision = resolver.entry(dict, "R").count().unwrap_or(0);
        let metadata = !matches!(dict.get("EncryptMetadata"), Some(Object::Bool(false)));
        let mut crypt = Self {
            key: Vec::new(),
            strings: Method::Rc4,
            streams: Method::Rc4,
            files: Method::Rc4,
            filters: Vec::new(),
            metadata,
            own,
        };
        let length = match (version, revision) {
            (1, 2..=3) => 5,
            (2, 2..=3) => resolver.entry(dict, "Length").count().unwrap_or(40) / 8,
            (4, 4) => 16,
            (5, 5 | 6) => 32,
            _ => return Err(unknown()),
        };
        if version >= 4 {
            crypt.methods(dict, resolver).ok_or_else(unknown)?;
        }
        let text = |name: &str| resolver.entry(dict, name).string().map(<[u8]>::to_vec).ok_or_else(unknown);
        let key = if version == 5 {
            key_of_256(revision, &text("U")?, &text("UE")?)
        } else {
            // A number of 32 bits that is written with or without its sign.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let allowed = number("P").unwrap_or(0.0) as i64 as u32;
            let metadata = metadata || revision < 4;
            key_of_128(revision, length.clamp(5, 16), &text("O")?, &text("U")?, allowed, id, metadata)
        };
        crypt.key = key.ok_or_else(|| refused("the document is encrypted with a password"))?;
        Ok(crypt)
    }

    /// Reads which filters there are, and what they are for.
    fn methods(&mut self, dict: &Dict, resolver: &dyn Resolve) -> Option<()> {
        if let Object::Dict(filters) = &*resolver.entry(dict, "CF") {
            for (name, filter) in &filters.0 {
                let filter = resolver.resolve(filter);
                let method = match resolver.entry(filter.dict()?, "CFM").name() {
                    Some("V2") => Method::Rc4,
                    Some("AESV2") => Method::Aes,
                    Some("AESV3") => Method::Aes256,
                    Some("None") | None => Method::None,
                    Some(_) => return None,
                };
                self.filters.push((name.clone(), method));
            }
        }
        self.streams = self.method(resolver.entry(dict, "StmF").name())?;
        self.strings = self.method(resolver.entry(dict, "StrF").name())?;
        self.files = match resolver.entry(dict, "EFF").name() {
            Some(name) => self.method(Some(name))?,
            None => self.streams,
        };
        Some(())
    }

    fn method(&self, name: Option<&str>) -> Option<Method> {
        match name {
            None | Some("Identity") => Some(Method::None),
            Some(name) => self.filters.iter().find(|filter| filter.0 == name).map(|filter| filter.1),
        }
    }

    /// Decrypts the strings of an object.
    pub(super) fn decrypt(&self, object: &mut Object, number: u32, generation: u16) {
        if self.own == Some(number) || self.strings == Method::None {
            return;
        }
        match object {
            Object::String(string) => *string = self.string(string, number, generation),
            Object::Array(items) => items.iter_mut().for_each(|item| self.decrypt(item, number, generation)),
            Object::Dict(dict) => dict.0.iter_mut().for_each(|entry| self.decrypt(&mut entry.1, number, generation)),
            _ => {}
        }
    }

    /// Decrypts a string of an object.
    pub(super) fn string(&self, string: &[u8], number: u32, generation: u16) -> Vec<u8> {
        let method = if self.own == Some(number) { Method::None } else { self.strings };
        self.apply(method, string, number, generation)
    }

    /// Decrypts a stream.
    pub(super) fn stream(
        &self,
        dict: &Dict,
        data: &[u8],
        (number, generation): (u32, u16),
        resolver: &dyn Resolve,
    ) -> Result<Vec<u8>, Fault> {
        let first = resolver.entry(dict, "Filter");
        let first = first.items().first().map(|filter| resolver.resolve(filter));
        let method = if first.as_ref().and_then(|filter| filter.name()) == Some("Crypt") {
            let own = resolver.entry(dict, "DecodeParms");
            let own = own.items().first().map(|own| resolver.resolve(own));
            let name = own.as_ref().and_then(|own| own.dict()).map(|own| resolver.entry(own, "Name"));
            self.method(name.as_ref().and_then(|name| name.name()))
                .ok_or_else(|| refused("a stream is encrypted in an unknown way"))?
        } else if dict.is("Type", "XRef") || (dict.is("Type", "Metadata") && !self.metadata) {
            Method::None
        } else if dict.is("Type", "EmbeddedFile") {
            self.files
        } else {
            self.streams
        };
        Ok(self.apply(method, data, number, generation))
    }

    fn apply(&self, method: Method, data: &[u8], number: u32, generation: u16) -> Vec<u8> {
        let key = || {
            let mut hash = Md5::new();
            hash.update(&self.key);
            hash.update(&number.to_le_bytes()[..3]);
            hash.update(generation.to_le_bytes());
            if method == Method::Aes {
                hash.update(b"sAlT");
            }
            hash.finalize()[..(self.key.len() + 5).min(16)].to_vec()
        };
        match method {
            Method::None => data.to_vec(),
            Method::Rc4 => rc4(&key(), data),
            Method::Aes => cbc(&key(), data),
            Method::Aes256 => cbc(&self.key, data),
        }
    }
}

fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    // Keys of 5 to 16 bytes fit.
    if let Ok(mut cipher) = rc4::Rc4::new_from_slice(key) {
        cipher.apply_keystream(&mut data);
    }
    data
}

/// Undoes AES with its first block in front and a filling behind.
fn cbc(key: &[u8], data: &[u8]) -> Vec<u8> {
    let Some((start, rest)) = data.split_at_checked(16) else { return Vec::new() };
    let mut data = unchain(key, start, &rest[..rest.len() / 16 * 16]);
    let filling = data.last().map_or(0, |&last| usize::from(last));
    if (1..=16).contains(&filling) {
        data.truncate(data.len().saturating_sub(filling));
    }
    data
}

/// AES in blocks that depend on one another, without a filling.
fn unchain(key: &[u8], start: &[u8], data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    if key.len() == 32 {
        let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, start).ok();
        cipher.and_then(|cipher| cipher.decrypt_padded::<NoPadding>(&mut data).ok().map(<[u8]>::len));
    } else {
        let cipher = cbc::Decryptor::<aes::Aes128>::new_from_slices(key, start).ok();
        cipher.and_then(|cipher| cipher.decrypt_padded::<NoPadding>(&mut data).ok().map(<[u8]>::len));
    }
    data
}

/// The key of revisions 2 to 4, if the empty password is right.
fn key_of_128(
    revision: usize,
    length: usize,
    owner: &[u8],
    user: &[u8],
    allowed: u32,
    id: &[u8],
    metadata: bool,
) -> Option<Vec<u8>> {
    let mut hash = Md5::new();
    hash.update(PAD);
    hash.update(owner.get(..32)?);
    hash.update(allowed.to_le_bytes());
    hash.update(id);
    if !metadata {
        hash.update([0xFF; 4]);
    }
    let mut key = hash.finalize().to_vec();
    key.truncate(length);
    if revision == 2 {
        return (rc4(&key, &PAD) == user.get(..32)?).then_some(key);
    }
    for _ in 0..50 {
        key = Md5::digest(&key).to_vec();
        key.truncate(length);
    }
    let mut hash = Md5::new();
    hash.update(PAD);
    hash.update(id);
    let right = (0..20).fold(hash.finalize().to_vec(), |data, round| {
        let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
        rc4(&key, &data)
    });
    (right == user.get(..16)?).then_some(key)
}

/// The key of revisions 5 and 6, if the empty password is right.
fn key_of_256(revision: usize, user: &[u8], packed: &[u8]) -> Option<Vec<u8>> {
    let hash = |salt: &[u8]| if revision == 5 { Sha256::digest(salt).to_vec() } else { hash_of_6(salt) };
    let key = hash(user.get(40..48)?);
    (hash(user.get(32..40)?) == user.get(..32)?).then(|| unchain(&key, &[0; 16], packed.get(..32).unwrap_or_default()))
}

/// The hash of revision 6 (ISO 32000-2, algorithm 2.B) of an empty password and its salt.
fn hash_of_6(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    for round in 1..=ROUNDS {
        let mut data = key.repeat(64);
        let (Some(first), Some(second)) = (key.get(..16), key.get(16..32)) else { break };
        let length = data.len();
        let Ok(cipher) = cbc::Encryptor::<aes::Aes128>::new_from_slices(first, second) else { break };
        if cipher.encrypt_padded::<NoPadding>(&mut data, length).is_err() {
            break;
        }
        let rest = data.iter().take(16).map(|&byte| usize::from(byte)).sum::<usize>() % 3;
        key = match rest {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        if round >= 64 && data.last().is_some_and(|&last| usize::from(last) + 32 <= round) {
            break;
        }
    }
    key.truncate(32);
    key
}
