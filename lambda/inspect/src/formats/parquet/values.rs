//! The values of a page, in all encodings, one after the other as text.

use super::delta::Delta;
use super::dictionary::Dictionary;
use super::hybrid::{Hybrid, short};
use super::plain::{bytes, integer, plain, taken, width};
use super::schema::{Leaf, Physical};
use crate::verdict::Fault;
use crate::verdict::Kind;

/// Reads values.
pub(super) enum Values<'a> {
    Plain(&'a [u8]),
    /// Single bits, the low ones first.
    Bits(&'a [u8], u64),
    Runs(Hybrid<'a>),
    /// Places in a dictionary, the dictionary, and the place that was read last.
    Dictionary(Hybrid<'a>, &'a Dictionary, usize),
    Delta(Delta<'a>),
    /// Lengths, then all bytes.
    Lengths(Delta<'a>, &'a [u8]),
    /// What each shares with the one before, then the rest of each.
    Prefixes {
        prefixes: Delta<'a>,
        lengths: Delta<'a>,
        rest: &'a [u8],
        last: Vec<u8>,
    },
    /// The first bytes of all, then the second ones.
    Split {
        data: &'a [u8],
        at: usize,
        width: usize,
    },
}

impl<'a> Values<'a> {
    /// Reads values of an encoding, as Parquet numbers them.
    pub(super) fn new(encoding: i64, leaf: &Leaf, data: &'a [u8], dictionary: &'a Dictionary) -> Result<Self, Fault> {
        Ok(match (encoding, leaf.kind) {
            (0, Physical::Boolean) => Self::Bits(data, 0),
            (0, _) => Self::Plain(data),
            (2 | 8, _) => match data.split_first() {
                // A page of nothing but nulls.
                None => Self::Plain(data),
                Some((&width @ 0..=32, data)) => Self::Dictionary(Hybrid::new(data, width.into()), dictionary, 0),
                Some(_) => return Err(short()),
            },
            (3, Physical::Boolean) => {
                let (_, data) = data.split_at_checked(4).ok_or_else(short)?;
                Self::Runs(Hybrid::new(data, 1))
            }
            (5, Physical::Int32 | Physical::Int64) => Self::Delta(Delta::new(data)?),
            (6, Physical::Bytes) => {
                let lengths = Delta::new(data)?;
                let rest = lengths.behind()?;
                Self::Lengths(lengths, rest)
            }
            (7, Physical::Bytes | Physical::Fixed(_)) => {
                let prefixes = Delta::new(data)?;
                let lengths = Delta::new(prefixes.behind()?)?;
                let rest = lengths.behind()?;
                Self::Prefixes { prefixes, lengths, rest, last: Vec::new() }
            }
            (9, kind) => match width(kind) {
                Some(width) => Self::Split { data, at: 0, width },
                None => return Err(Fault::new(Kind::Unsupported, "an unknown encoding", 0)),
            },
            _ => return Err(Fault::new(Kind::Unsupported, "an unknown encoding", 0)),
        })
    }

    /// Whether there is more than was read, as far as it can be told.
    pub(super) fn has_more(&self) -> bool {
        match self {
            Self::Plain(rest) => !is_padding(rest),
            Self::Delta(delta) => delta.left() > 0,
            Self::Lengths(lengths, rest) | Self::Prefixes { lengths, rest, .. } => {
                lengths.left() > 0 || !is_padding(rest)
            }
            Self::Split { data, at, width } => at * width != data.len(),
            _ => false,
        }
    }

    /// The place in the dictionary of the value that was read last.
    pub(super) fn entry(&self) -> Option<usize> {
        if let Self::Dictionary(_, _, entry) = self { Some(*entry) } else { None }
    }

    /// The bytes that were not read, where [`Values::has_more`] cannot tell.
    pub(super) fn rest(&self) -> [&'a [u8]; 2] {
        match self {
            Self::Bits(data, bit) => [super::hybrid::behind(data, *bit), &[]],
            Self::Runs(hybrid) | Self::Dictionary(hybrid, ..) => hybrid.rest(),
            Self::Delta(delta) => delta.rest(),
            Self::Lengths(lengths, _) => [lengths.rest()[0], &[]],
            Self::Prefixes { prefixes, lengths, .. } => [prefixes.rest()[0], lengths.rest()[0]],
            Self::Plain(_) | Self::Split { .. } => [&[], &[]],
        }
    }

    /// The next value, which there has to be.
    pub(super) fn next(&mut self, leaf: &Leaf) -> Result<String, Fault> {
        match self {
            Self::Plain(rest) => plain(rest, leaf),
            Self::Bits(data, bit) => {
                super::hybrid::bits(data, *bit, 1).ok_or_else(short)?;
                *bit += 1;
                Ok(String::new())
            }
            Self::Runs(runs) => runs.next().map(|_| String::new()),
            Self::Dictionary(indices, dictionary, entry) => {
                *entry = usize::try_from(indices.next()?).unwrap_or(usize::MAX);
                let known = dictionary.get(*entry, leaf);
                known.ok_or_else(|| Fault::syntax("a value that is not in the dictionary", 0))
            }
            Self::Delta(delta) => Ok(integer(delta.next()?, leaf.meaning)),
            Self::Lengths(lengths, rest) => bytes(taken(rest, lengths.next()?)?, leaf),
            Self::Prefixes { prefixes, lengths, rest, last } => {
                let shared = usize::try_from(prefixes.next()?).ok().filter(|&shared| shared <= last.len());
                last.truncate(shared.ok_or_else(short)?);
                last.extend_from_slice(taken(rest, lengths.next()?)?);
                bytes(last, leaf)
            }
            Self::Split { data, at, width } => {
                let count = data.len() / *width;
                if *at >= count {
                    return Err(short());
                }
                let value: Vec<u8> = (0..*width).map(|part| data[part * count + *at]).collect();
                *at += 1;
                plain(&mut &value[..], leaf)
            }
        }
    }
}

/// Whether nothing is left of a page but what fastparquet puts behind its values.
fn is_padding(rest: &[u8]) -> bool {
    rest.len() <= 8 && rest.iter().all(|&byte| byte == 0)
}
