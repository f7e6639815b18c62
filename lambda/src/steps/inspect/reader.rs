//! An object as its parser reads it, on a thread of its own: chunk by chunk as they come and, where a format has
//! its index at the end, any part.
//!
//! A thread cannot be ended from outside, and the function lives on after a call whose time is over: a parser that
//! still ran would take from the next file. So all that it reads from fails once nobody waits for it any more
//! ([`Waiting`]). The parser has the same switch among its limits and looks at it where it works for long without reading.

use super::pace::Pace;
use crate::objects::{Objects, Place};
use inspect::{Ranges, Switch};
use std::io::{self, Read};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Somebody waits for the parser, as long as this is there.
pub(super) struct Waiting(Switch);

impl Waiting {
    pub(super) fn new() -> Self {
        Self(Switch::default())
    }

    /// What says that nobody waits any more.
    pub(super) fn stop(&self) -> Switch {
        self.0.clone()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.throw();
    }
}

fn checked(stop: &Switch) -> io::Result<()> {
    if stop.is_thrown() { Err(io::Error::other("nobody waits for it any more")) } else { Ok(()) }
}

/// The chunks of a body as something to read from.
pub(super) struct Chunks<B> {
    receiver: mpsc::Receiver<io::Result<B>>,
    rest: Option<io::Cursor<B>>,
    stop: Switch,
}

impl<B> Chunks<B> {
    pub(super) fn new(receiver: mpsc::Receiver<io::Result<B>>, stop: Switch) -> Self {
        Self { receiver, rest: None, stop }
    }
}

impl<B: AsRef<[u8]>> Read for Chunks<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            checked(&self.stop)?;
            if let Some(rest) = &mut self.rest {
                let count = rest.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
            }
            match self.receiver.blocking_recv() {
                // That nobody sends any more is the end of the file only while somebody waits for it.
                None => return checked(&self.stop).map(|()| 0),
                Some(chunk) => self.rest = Some(io::Cursor::new(chunk?)),
            }
        }
    }
}

/// Parts of the same version, for formats whose index is at the end: fetched from the parser's
/// thread, while the body waits.
pub(super) struct Parts {
    objects: Objects,
    bucket: String,
    key: String,
    version_id: Option<String>,
    size: u64,
    speed: Arc<Pace>,
    runtime: Handle,
    stop: Switch,
}

impl Parts {
    /// Those of a version of this size and this pace; to be called where the runtime is.
    pub(super) fn of(objects: &Objects, place: &Place<'_>, (size, speed): (u64, &Arc<Pace>), stop: Switch) -> Self {
        Self {
            objects: objects.clone(),
            bucket: place.bucket.to_owned(),
            key: place.key.to_owned(),
            version_id: place.version_id.map(str::to_owned),
            size,
            speed: Arc::clone(speed),
            runtime: Handle::current(),
            stop,
        }
    }
}

impl Ranges for Parts {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        checked(&self.stop)?;
        self.speed.jump();
        let place = Place { bucket: &self.bucket, key: &self.key, version_id: self.version_id.as_deref() };
        let part = self.runtime.block_on(self.objects.get_range(place, offset, length));
        part.map_err(io::Error::other)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
