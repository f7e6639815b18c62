//! `cvault demo`: the whole thing on this machine.
