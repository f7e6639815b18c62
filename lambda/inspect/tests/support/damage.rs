//! Files that are damaged: strategies for what may happen to their bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::samples;

/// A change to a file: what it is, where, where else, and a byte.
pub type Change = (u8, Index, Index, u8);

/// The longest part that is moved, in bytes.
const PART: usize = 600;

/// Some changes, whose bytes are of a kind.
pub fn changes(sign: impl Strategy<Value = u8>) -> impl Strategy<Value = Vec<Change>> {
    vec((0..8_u8, any::<Index>(), any::<Index>(), sign), 1..6)
}

/// One byte that is another one.
pub fn single(sign: impl Strategy<Value = u8>) -> impl Strategy<Value = Vec<Change>> {
    vec((2..4_u8, any::<Index>(), any::<Index>(), sign), 1..2)
}

/// Applies a change; parts may come from another file.
fn change(bytes: &mut Vec<u8>, other: &[u8], (kind, place, length, sign): Change) {
    let at = place.index(bytes.len() + 1);
    let end = at + length.index(PART).min(bytes.len() - at);
    match kind {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, sign),
        2 if at < bytes.len() => bytes[at] ^= 1 << (sign & 7),
        3 if at < bytes.len() => bytes[at] = sign,
        4 => drop(bytes.drain(at..end)),
        5 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        6 => {
            let start = place.index(other.len() + 1);
            let part = other[start..].iter().take(end - at).copied();
            bytes.splice(at..end, part);
        }
        // Lengths and offsets are numbers of four bytes.
        _ if at + 4 <= bytes.len() => bytes[at..at + 4].copy_from_slice(&[sign, 0, 0, sign & 0x80]),
        _ => {}
    }
}

/// Applies changes, one after the other.
pub fn changed(bytes: &mut Vec<u8>, other: &[u8], changes: Vec<Change>) {
    for each in changes {
        change(bytes, other, each);
    }
}

/// A text, damaged.
pub fn damaged_text() -> impl Strategy<Value = Vec<u8>> {
    let all: Vec<Vec<u8>> = ["integrity", "sensitive"].into_iter().flat_map(samples).map(|sample| sample.1).collect();
    let extra: [&[u8]; 3] = [
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e '<b c=\"1\">x</b>'>]><a d='&e2;'>&e;&#65;<![CDATA[x]]></a>",
        b"{\"a\\u00e9\": [1.5e3, true, null, \"\\ud83c\\udf0a\", {}], \"card\": 4000004427083831}",
        "card \u{ff14}000 0044 2708 3831, \"x\"\"y\"\r\n\u{1f30a};\u{e9}|a\t".as_bytes(),
    ];
    let all: Vec<Vec<u8>> = all.into_iter().chain(extra.map(<[u8]>::to_vec)).collect();
    let sign = prop_oneof![any::<u8>(), select(b"\"'<>&;,\n\r[]{}\\!-?/ \x00\xff%#0".to_vec())];
    let change = prop_oneof![changes(sign.clone()), single(sign)];
    (select(all.clone()), select(all), change).prop_map(|(mut bytes, other, changes)| {
        changed(&mut bytes, &other, changes);
        bytes
    })
}

/// A file of any format under its own name, damaged.
pub fn damaged_format() -> impl Strategy<Value = (String, Vec<u8>)> {
    let all = samples("formats").into_iter().chain(samples("integrity")).filter(|sample| sample.1.len() < 20_000);
    let all: Vec<(String, Vec<u8>)> = all.map(|sample| (sample.0, sample.1)).collect();
    let sign = prop_oneof![any::<u8>(), select(b"\x00\xff\x7f\x80\x01".to_vec())];
    let change = prop_oneof![changes(sign.clone()), single(sign)];
    (select(all.clone()), select(all), change).prop_map(|((name, mut bytes), (_, other), changes)| {
        changed(&mut bytes, &other, changes);
        (name, bytes)
    })
}
