#![doc = include_str!("truths.md")]
