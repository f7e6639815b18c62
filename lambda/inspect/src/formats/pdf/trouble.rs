//! What is wrong with a document, or with a file inside of it.

use crate::verdict::{Fault, Stop};

pub(super) enum Trouble {
    Own(Fault),
    Inside(Stop),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Own(fault)
    }
}
