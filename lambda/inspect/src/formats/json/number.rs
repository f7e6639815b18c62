//! A JSON number, of any length, character by character.

/// What was last in a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Minus,
    Zero,
    Digits,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

impl Number {
    /// A number of which the first character was read.
    pub(super) fn starting(byte: u8) -> Self {
        match byte {
            b'-' => Self::Minus,
            b'0' => Self::Zero,
            _ => Self::Digits,
        }
    }

    /// The number with a character more, if it may follow.
    pub(super) fn next(self, byte: u8) -> Option<Self> {
        use Number::{Digits, E, Exponent, Fraction, Minus, Point, Sign, Zero};
        Some(match (self, byte) {
            (Minus, b'0') => Zero,
            (Minus | Digits, b'0'..=b'9') => Digits,
            (Zero | Digits, b'.') => Point,
            (Point | Fraction, b'0'..=b'9') => Fraction,
            (Zero | Digits | Fraction, b'e' | b'E') => E,
            (E, b'+' | b'-') => Sign,
            (E | Sign | Exponent, b'0'..=b'9') => Exponent,
            _ => return None,
        })
    }

    /// Whether the number may end here.
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::Zero | Self::Digits | Self::Fraction | Self::Exponent)
    }
}
