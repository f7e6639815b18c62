//! Files that come with a companion: in either order, with the digest of others, alone, and again.

use super::files::{Expected, JUDGED, Sender};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Of a file whose companion says only that it is whole: by these it is known that it may come again.
const AGAIN: &str = "with a mark";

impl Sender<'_> {
    pub(super) async fn act_in_pairs(&mut self) {
        let kind = usize::try_from(self.chance.below(3)).unwrap();
        match self.chance.below(12) {
            0..=3 => self.with_a_mark(kind).await,
            4..=6 => self.with_its_digest(kind).await,
            7 => self.with_another_digest().await,
            8 => self.without_companion(kind).await,
            9 => self.without_file().await,
            10 => self.again(kind).await,
            _ => self.ignored().await,
        }
    }

    /// A file and its companion, whichever comes first.
    async fn pair(
        &mut self,
        key: &str,
        (body, kind, expected): (Vec<u8>, &'static str, Expected),
        says: (&str, Vec<u8>),
    ) {
        let (end, says) = says;
        let companion = format!("{key}{end}");
        // What says more than that the file is whole, or its digest, stays.
        let becomes = if says.is_empty() || says.len() == 64 { Expected::WentAlong } else { Expected::Awaited };
        if self.chance.below(3) == 0 {
            self.put(&companion, says, "companion", becomes).await;
            self.put(key, body, kind, expected).await;
        } else {
            self.put(key, body, kind, expected).await;
            self.put(&companion, says, "companion", becomes).await;
        }
    }

    async fn with_a_mark(&mut self, kind: usize) {
        let key = self.plain_key("pairs");
        let says = if self.chance.below(4) == 0 { b"rows=2\n".to_vec() } else { vec![] };
        let file = (self.body(kind), AGAIN, JUDGED[kind].1);
        self.pair(&key, file, (".done", says)).await;
    }

    async fn with_its_digest(&mut self, kind: usize) {
        let key = self.plain_key("digests");
        let body = self.body(kind);
        let says = hex(&body);
        self.pair(&key, (body, "with its digest", JUDGED[kind].1), (".sha256", says)).await;
    }

    async fn with_another_digest(&mut self) {
        let key = self.plain_key("digests");
        let file = (self.body(0), "with the digest of another", Expected::Held);
        self.pair(&key, file, (".sha256", hex(key.as_bytes()))).await;
    }

    async fn without_companion(&mut self, kind: usize) {
        let key = self.plain_key("alone");
        self.put(&key, self.body(kind), "without a companion", Expected::Awaited).await;
    }

    async fn without_file(&mut self) {
        let key = self.plain_key("alone");
        self.put(&format!("{key}.done"), vec![], "a companion alone", Expected::Awaited).await;
    }

    /// The key once more, with a companion or without one. What comes so soon that another one is there yet is judged, or waits.
    async fn again(&mut self, kind: usize) {
        let keys: Vec<_> =
            self.life.sent.borrow().iter().filter(|it| it.kind == AGAIN).map(|it| it.key.clone()).collect();
        if keys.is_empty() {
            return;
        }
        let key = keys[usize::try_from(self.chance.below(keys.len() as u64)).unwrap()].clone();
        let file = (self.next_body(kind), AGAIN, JUDGED[kind].1);
        if self.chance.below(2) == 0 {
            self.put(&key, file.0, file.1, file.2).await;
        } else {
            self.pair(&key, file, (".done", vec![])).await;
        }
        for sent in self.life.sent.borrow_mut().iter_mut() {
            sent.may_wait |= sent.key == key || sent.key == format!("{key}.done");
        }
    }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    let hex = Sha256::digest(bytes).iter().fold(String::new(), |mut all, byte| {
        write!(all, "{byte:02x}").unwrap();
        all
    });
    hex.into_bytes()
}
