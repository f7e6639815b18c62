//! Where text is shown, and what lies between one piece of it and the next.

/// A matrix of PDF: `a b c d e f`.
pub(super) type Matrix = [f64; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// How many graphics states may be saved.
const SAVED: usize = 256;

/// Gaps in parts of the font's size: a blank, and one that parts columns.
const BLANK: f64 = 0.18;
const COLUMN: f64 = 2.0;

/// Follows the operators that place text.
pub(super) struct Placement {
    page: Matrix,
    saved: Vec<Matrix>,
    line: Matrix,
    text: Matrix,
    size: f64,
    pub(super) leading: f64,
    /// Where the last piece ended on the page, how large it was, and how far that is in doubt.
    reached: Option<(f64, f64, f64, f64)>,
    /// Text was placed since, and is not merely continued.
    moved: bool,
}

impl Placement {
    pub(super) fn new() -> Self {
        Self {
            page: IDENTITY,
            saved: Vec::new(),
            line: IDENTITY,
            text: IDENTITY,
            size: 1.0,
            leading: 0.0,
            reached: None,
            moved: true,
        }
    }

    pub(super) fn save(&mut self) {
        if self.saved.len() < SAVED {
            self.saved.push(self.page);
        }
    }

    pub(super) fn restore(&mut self) {
        self.page = self.saved.pop().unwrap_or(self.page);
        self.moved = true;
    }

    pub(super) fn transform(&mut self, matrix: Matrix) {
        self.page = product(matrix, self.page);
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
        self.go(0.0, -self.leading);
    }

    pub(super) fn resize(&mut self, size: f64) {
        self.size = size;
    }

    /// Moves within a line by thousandths of the size; says whether that leaves a blank.
    pub(super) fn kern(&mut self, thousandths: f64) -> bool {
        self.text = product([1.0, 0.0, 0.0, 1.0, -thousandths / 1000.0 * self.size, 0.0], self.text);
        thousandths < -150.0
    }

    /// What lies before a piece of a width, which may be wrong; goes behind it.
    pub(super) fn show(&mut self, (width, doubt): (f64, f64)) -> &'static str {
        let at = product(self.text, self.page);
        // Not hypot: glibc 2.35 has a new one, and Lambda has 2.34.
        let size = (self.size * (at[0] * at[0] + at[1] * at[1]).sqrt()).abs().max(0.01);
        let gap = match self.reached {
            Some((x, y, before, doubt)) if self.moved => {
                let large = size.max(before);
                let ahead = (at[4] - x) / large;
                if (at[5] - y).abs() > large * 0.4 || ahead < -1.5 {
                    "\n"
                } else if ahead > COLUMN {
                    "\t"
                } else if ahead > BLANK + doubt {
                    " "
                } else {
                    ""
                }
            }
            _ => "",
        };
        self.text = product([1.0, 0.0, 0.0, 1.0, width * self.size, 0.0], self.text);
        let end = product(self.text, self.page);
        self.reached = Some((end[4], end[5], size, doubt));
        self.moved = false;
        gap
    }
}

/// The first matrix, and then the second.
fn product(first: Matrix, second: Matrix) -> Matrix {
    let along = |at: usize, to: usize| first[at].mul_add(second[to], first[at + 1] * second[to + 2]);
    [along(0, 0), along(0, 1), along(2, 0), along(2, 1), along(4, 0) + second[4], along(4, 1) + second[5]]
}
