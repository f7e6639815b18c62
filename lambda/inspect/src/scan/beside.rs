//! Texts that are looked at while another one comes, as what HTML shows: the text that comes goes on meanwhile.

use std::mem;

use super::Scanner;
use super::encoded::UNDECODED;

impl Scanner {
    /// Passes texts that repeat this one on to a scanner beside, which counts for this one. It decodes nothing: what is
    /// in another notation is decoded where it stands.
    pub(crate) fn beside(&mut self, pass: impl FnOnce(&mut Self)) {
        let other = self.beside.take();
        let new = || Box::new(Self { depth: UNDECODED, ..Self::new(&self.detectors, self.locations) });
        let mut other = other.unwrap_or_else(new);
        other.members.clone_from(&self.members);
        self.lend(&mut other);
        other.echo = true;
        pass(&mut other);
        other.restart();
        self.lend(&mut other);
        self.beside = Some(other);
    }

    /// Gives the accounts to another scanner, or takes them back.
    fn lend(&mut self, other: &mut Self) {
        mem::swap(&mut self.tallies, &mut other.tallies);
        mem::swap(&mut self.echoes, &mut other.echoes);
    }
}
