//! Where text is shown.

use std::rc::Rc;

use super::font::{Extent, Font};

/// A matrix of PDF: `a b c d e f`.
pub(super) type Matrix = [f64; 6];

pub(super) const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// How many graphics states may be saved.
const SAVED: usize = 4096;

/// How far back a text goes on elsewhere, in thousandths of the size.
const BACK: f64 = 600.0;

/// What is saved and brought back.
#[derive(Clone)]
pub(super) struct State {
    pub(super) page: Matrix,
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f64,
    pub(super) leading: f64,
    /// What each character and each blank get more, and how wide all is, in hundredths.
    pub(super) spacing: f64,
    pub(super) words: f64,
    pub(super) stretch: f64,
    /// Text is not drawn, but only there to be searched.
    pub(super) invisible: bool,
}

/// Follows the operators that place text.
pub(super) struct Placement {
    pub(super) state: State,
    saved: Vec<State>,
    /// States that were saved when there were too many.
    beyond: usize,
    line: Matrix,
    text: Matrix,
    /// Text was placed since it was shown last, and is not merely continued.
    pub(super) moved: bool,
}

/// Where a piece of text is: along the direction that it is written in, and across.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) across: f64,
    pub(super) size: f64,
    /// How far its end is in doubt.
    pub(super) doubt: f64,
    /// Its direction, in parts of a turn.
    pub(super) turn: i8,
}

impl State {
    /// What a page starts with; a form starts with what it is drawn in.
    pub(super) fn at(page: Matrix) -> Self {
        Self { page, font: None, size: 1.0, leading: 0.0, spacing: 0.0, words: 0.0, stretch: 100.0, invisible: false }
    }
}

impl Placement {
    pub(super) fn new(state: State) -> Self {
        Self { state, saved: Vec::new(), beyond: 0, line: IDENTITY, text: IDENTITY, moved: true }
    }

    pub(super) fn save(&mut self) {
        if self.saved.len() < SAVED {
            self.saved.push(self.state.clone());
        } else {
            self.beyond += 1;
        }
    }

    pub(super) fn restore(&mut self) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(state) = self.saved.pop() {
            self.state = state;
        }
        self.moved = true;
    }

    pub(super) fn transform(&mut self, matrix: Matrix) {
        self.state.page = product(matrix, self.state.page);
        self.moved = true;
    }

    pub(super) fn begin(&mut self) {
        self.place(IDENTITY);
    }

    pub(super) fn place(&mut self, matrix: Matrix) {
        (self.line, self.text, self.moved) = (matrix, matrix, true);
    }

    pub(super) fn go(&mut self, x: f64, y: f64) {
        self.place(product([1.0, 0.0, 0.0, 1.0, x, y], self.line));
    }

    pub(super) fn next_line(&mut self) {
        self.go(0.0, -self.state.leading);
    }

    /// Moves within a line by thousandths of the size; says whether that leaves a blank.
    pub(super) fn kern(&mut self, thousandths: f64) -> bool {
        self.advance(-thousandths / 1000.0 * self.state.size * self.state.stretch / 100.0);
        // Further back than a letter is wide is another place.
        self.moved |= thousandths > BACK;
        thousandths < -150.0
    }

    fn advance(&mut self, x: f64) {
        self.text = product([1.0, 0.0, 0.0, 1.0, x, 0.0], self.text);
    }

    /// Where a piece of a width is, which may be wrong; goes behind it.
    pub(super) fn show(&mut self, extent: &Extent) -> Spot {
        let state = &self.state;
        let at = product(self.text, state.page);
        // Not hypot: glibc 2.35 has a new one, and Lambda has 2.34.
        let scale = (at[0] * at[0] + at[1] * at[1]).sqrt();
        let size = (state.size * scale).abs().max(0.01);
        let (right, up) = if scale > 0.0 { (at[0] / scale, at[1] / scale) } else { (1.0, 0.0) };
        let along = |x: f64, y: f64| x.mul_add(right, y * up);
        let width = extent.width.mul_add(state.size, extent.codes.mul_add(state.spacing, extent.blanks * state.words));
        let width = width * state.stretch / 100.0;
        self.advance(width);
        let end = product(self.text, self.state.page);
        self.moved = false;
        Spot {
            start: along(at[4], at[5]),
            end: along(end[4], end[5]),
            across: at[5].mul_add(right, -at[4] * up),
            size,
            doubt: extent.doubt,
            turn: turn(right, up),
        }
    }
}

/// The direction of a text, in sixteenths of a turn, about.
fn turn(right: f64, up: f64) -> i8 {
    let quarter = |steep: f64| {
        if steep < 0.2 {
            0
        } else if steep < 0.67 {
            1
        } else if steep < 0.95 {
            2
        } else {
            4
        }
    };
    match (right >= 0.0, up >= 0.0) {
        (true, true) => quarter(up),
        (false, true) => 8 - quarter(up),
        (false, false) => 8 + quarter(-up),
        (true, false) => -quarter(-up),
    }
}

/// The first matrix, and then the second.
pub(super) fn product(first: Matrix, second: Matrix) -> Matrix {
    let along = |at: usize, to: usize| first[at].mul_add(second[to], first[at + 1] * second[to + 2]);
    [along(0, 0), along(0, 1), along(2, 0), along(2, 1), along(4, 0) + second[4], along(4, 1) + second[5]]
}
