//! Everything with Macie on: the stand-in of `tests/macie` in its place.

mod stand_in;
