//! What senders send: files of all kinds, under all kinds of keys, each with bytes of its own.

use super::{Kind, Life};
use crate::support::Chance;
use cvault::vault::names::Zone;
use std::time::Duration;

/// Where a version has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// In the vault.
    Stored,
    /// In analytics, and somebody is told.
    Held,
    /// In ingress, since no copy of it can be made, and somebody is told.
    Left,
    /// In ingress, since it is no file.
    Ignored,
    /// The same, if its sender was as quick as senders are; else what its bytes say.
    TakenBack,
    /// In ingress, since what it comes with has not come.
    Awaited,
    /// Gone with its file, of which it says nothing but that it is whole.
    WentAlong,
}

/// A version that was uploaded.
#[derive(Clone, Debug)]
pub struct Sent {
    pub key: String,
    pub version: String,
    pub body: Vec<u8>,
    pub kind: &'static str,
    pub expected: Expected,
    /// Whether it may wait instead: other versions of its key came so soon that nobody knows what came with which.
    pub may_wait: bool,
}

impl Sent {
    /// Whether its bytes may be in the vault.
    pub fn is_clean(&self) -> bool {
        let text = String::from_utf8_lossy(&self.body);
        !text.is_empty() && !text.contains(",extra") && !text.contains("credit_card") && !text.contains("npi")
    }
}

/// Whoever sends.
pub struct Sender<'a> {
    pub(super) life: &'a Life,
    pub(super) chance: Chance,
    number: u64,
}

/// The kinds of files that are judged by what they hold.
pub(super) const JUDGED: [(&str, Expected); 4] = [
    ("clean", Expected::Stored),
    ("ragged", Expected::Held),
    ("with a card number", Expected::Held),
    ("empty", Expected::Held),
];

/// What is before the number of a key.
const ODD: [&str; 8] =
    ["in/a b+c-", "d%2Fe/ü-", "line\nbreak-", "O'Neil \"q\" \\-", "${Key} $.x {}-", "#?&=;:@,[]-", "文件/-", "x//y/-"];

/// What makes a key nearly as long as S3 takes it.
pub const LONG: &str = concat!(
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
    "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/",
);

/// How full metadata may be where no room is left for a copy's mark.
const FULL: usize = 2040;

impl<'a> Sender<'a> {
    pub fn new(life: &'a Life, seed: u64) -> Self {
        Self { life, chance: Chance::of(seed), number: 0 }
    }

    /// Sends in so many actions, some of which are several versions.
    pub async fn send(&mut self, actions: u64) {
        for _ in 0..actions {
            match self.life.kind {
                Kind::Single => self.act().await,
                Kind::Pairs => self.act_in_pairs().await,
                Kind::Scanned => self.act_before_macie().await,
            }
            tokio::time::sleep(Duration::from_millis(self.chance.below(300))).await;
        }
    }

    async fn act(&mut self) {
        match self.chance.below(20) {
            0..=6 => self.judged(0).await,
            7..=8 => self.judged(1).await,
            9..=10 => self.judged(2).await,
            11 => self.judged(3).await,
            12 => self.ignored().await,
            13..=14 => self.another_version().await,
            15 => self.renamed().await,
            16 => self.taken_back().await,
            17 => self.in_pieces().await,
            18 => self.full().await,
            _ => self.same_bytes().await,
        }
    }

    /// A key that nobody else has.
    fn key(&mut self) -> String {
        self.number += 1;
        match self.chance.below(12) {
            odd @ 0..8 => format!("{}{:04}.csv", ODD[usize::try_from(odd).unwrap()], self.number),
            8 => format!("{}{:04}.csv", LONG, self.number),
            _ => format!("plain/{:04}.csv", self.number),
        }
    }

    /// The bytes of one of [`JUDGED`]: nobody else's, and not how anybody else's begin.
    pub(super) fn body(&self, kind: usize) -> Vec<u8> {
        let n = self.number;
        match kind {
            0 => format!("seq,city\n{n},Kingsford\n2,Saltmere\n"),
            1 => format!("seq,city\n{n},Kingsford,extra\n"),
            2 => format!("seq,credit_card\n{n},4000004427083831\n"),
            _ => String::new(),
        }
        .into_bytes()
    }

    pub(super) async fn put(&self, key: &str, body: Vec<u8>, kind: &'static str, expected: Expected) {
        let version = self.life.vault.put(key, &body).await;
        self.record(key, version, body, (kind, expected));
    }

    fn record(&self, key: &str, version: String, body: Vec<u8>, (kind, expected): (&'static str, Expected)) {
        let key = key.into();
        self.life.sent.borrow_mut().push(Sent { key, version, body, kind, expected, may_wait: false });
    }

    /// The bytes of one of [`JUDGED`] that nobody has sent.
    pub(super) fn next_body(&mut self, kind: usize) -> Vec<u8> {
        self.number += 1;
        self.body(kind)
    }

    /// A key that nobody else has, with nothing odd about it.
    pub(super) fn plain_key(&mut self, folder: &str) -> String {
        self.number += 1;
        format!("{folder}/{:04}.csv", self.number)
    }

    pub(super) async fn judged(&mut self, kind: usize) {
        let key = self.key();
        let (name, expected) = JUDGED[kind];
        self.put(&key, self.body(kind), name, expected).await;
    }

    pub(super) async fn ignored(&mut self) {
        // A star of the emulator's state machines ends at a line's end.
        let key = self.key().replace('\n', " ");
        let key = match self.chance.below(5) {
            0 => format!("{key}.filepart"),
            1 => format!("{key}/_SUCCESS"),
            2 => format!("{key}/.swp"),
            3 => format!("{key}/~$stock.xlsx"),
            _ => format!("{key}/"),
        };
        self.put(&key, self.body(0), "ignored name", Expected::Ignored).await;
    }

    /// One that was sent before, to be sent again.
    fn earlier(&mut self) -> Option<Sent> {
        let sent = self.life.sent.borrow();
        let of: Vec<_> = sent.iter().filter(|it| [Expected::Stored, Expected::Held].contains(&it.expected)).collect();
        let at = self.chance.below(of.len().max(1) as u64);
        of.get(usize::try_from(at).unwrap()).map(|it| (*it).clone())
    }

    async fn another_version(&mut self) {
        let Some(earlier) = self.earlier() else { return };
        self.number += 1;
        let kind = usize::try_from(self.chance.below(3)).unwrap();
        self.put(&earlier.key, self.body(kind), "another version", JUDGED[kind].1).await;
    }

    /// As gateways do, under a name that no rule knows.
    async fn renamed(&mut self) {
        let key = self.key();
        let (body, kind) = (self.body(0), "renamed");
        let temporary = format!("{key}.upload");
        self.put(&temporary, body.clone(), "temporary name", Expected::TakenBack).await;
        let (s3, ingress) = (&self.life.vault.stack.aws.s3, self.life.vault.stack.names.bucket(Zone::Ingress));
        let encoded = temporary.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
        let copy = s3.copy_object().bucket(&ingress).key(&key).copy_source(format!("{ingress}/{encoded}"));
        let version = copy.send().await.unwrap().version_id.unwrap();
        self.record(&key, version, body, (kind, Expected::Stored));
        s3.delete_object().bucket(&ingress).key(&temporary).send().await.unwrap();
    }

    async fn taken_back(&mut self) {
        let key = self.key();
        let kind = usize::try_from(self.chance.below(3)).unwrap();
        self.put(&key, self.body(kind), "taken back", Expected::TakenBack).await;
        let (s3, ingress) = (&self.life.vault.stack.aws.s3, self.life.vault.stack.names.bucket(Zone::Ingress));
        s3.delete_object().bucket(ingress).key(&key).send().await.unwrap();
    }

    /// As file systems on top of S3 write: an empty object, a part, all of it.
    async fn in_pieces(&mut self) {
        let key = self.key();
        let body = self.body(0);
        let half = body[..body.len() - 12].to_vec();
        self.put(&key, vec![], "stub", Expected::Held).await;
        self.put(&key, half, "first part", Expected::Stored).await;
        self.put(&key, body, "in pieces", Expected::Stored).await;
    }

    async fn full(&mut self) {
        let key = self.key();
        let (body, kind) = (self.body(0), "full metadata");
        let (s3, ingress) = (&self.life.vault.stack.aws.s3, self.life.vault.stack.names.bucket(Zone::Ingress));
        let put = s3.put_object().bucket(ingress).key(&key).metadata("note", "x".repeat(FULL));
        let version = put.body(body.clone().into()).send().await.unwrap().version_id.unwrap();
        self.record(&key, version, body, (kind, Expected::Left));
    }

    /// The same bytes under the same key or another one. Clean ones under another one only: the emulator's events name no
    /// version, so that S3's event about one in the vault would be taken for the other's.
    async fn same_bytes(&mut self) {
        let Some(earlier) = self.earlier() else { return };
        let same_key = earlier.expected == Expected::Held && self.chance.below(2) == 0;
        let key = if same_key { earlier.key } else { self.key() };
        self.put(&key, earlier.body, "the same bytes", earlier.expected).await;
    }
}
