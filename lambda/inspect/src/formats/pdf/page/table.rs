//! Tables: what stands in a cell under the name of its column.
//!
//! A page does not say what is a table. Texts that gaps part from the others of their line are cells, and a short one
//! with a keyword is a name. It holds for values below it, and not for texts: a paragraph under another is no table.

use std::ops::BitOr;

use super::super::placement::Spot;
use super::{BLANK, COLUMN, Layer, Page, parted};
use crate::scan::{Mask, Place, Scanner};

/// How far apart cells are, in parts of the font's size: justified words may be as far from each other, but all alike.
const CELL: f64 = 0.5;
const ALIKE: f64 = 1.25;

/// How far the edges of a column are from each other, at most.
const EDGE: f64 = 0.35;

/// How far below the last line a column may go on, and a value be below a name that is alone in its line.
const FAR: f64 = 6.0;
const NEXT: f64 = 3.0;

/// How far below each other the lines of a text are.
const LINE: f64 = 1.6;

/// By how much the rows of a table are farther from the table above it than from each other.
const APART: f64 = 1.5;

/// How long names and values are, in bytes, and how many names hold at once.
const NAME: usize = 48;
const VALUE: usize = 80;
const NAMES: usize = 64;

/// How many digits a name has at most, and the cells beside it.
const FEW: usize = 4;
const SOME: usize = 6;

/// A text that gaps part from the others of its line.
struct Cell {
    start: f64,
    end: f64,
    text: String,
    /// The gaps around it are such as only columns have.
    apart: bool,
}

impl Cell {
    fn overlap(&self, start: f64, end: f64) -> f64 {
        self.end.min(end) - self.start.max(start)
    }

    fn digits(&self) -> usize {
        self.text.chars().filter(|sign| sign.is_numeric()).count()
    }

    /// Whether it may be a name, or a part of one.
    fn is_name(&self) -> bool {
        self.text.len() <= NAME && self.text.contains(char::is_alphabetic) && self.digits() <= FEW
    }

    /// Whether it is a value, and no text with a number in it.
    fn is_value(&self) -> bool {
        let (mut numbers, mut words) = (0, 0);
        for word in self.text.split_whitespace() {
            if word.contains(char::is_numeric) {
                numbers += 1;
            } else if word.contains(char::is_alphabetic) {
                words += 1;
            }
        }
        self.text.len() <= VALUE && numbers > 0 && words <= numbers
    }
}

/// The name of a column.
struct Head {
    start: f64,
    end: f64,
    across: f64,
    names: Mask,
    /// It is alone in its line.
    alone: bool,
}

/// The names that hold, line by line.
#[derive(Default)]
struct Columns {
    heads: Vec<Head>,
    /// The cells of the line above.
    above: Vec<Cell>,
    last: Option<Spot>,
    /// How far the last two lines are from each other.
    pitch: f64,
}

impl Columns {
    /// Takes a line, and gives what the names over its cells have keywords of.
    fn line(&mut self, spot: &Spot, cells: Vec<Cell>, scanner: &mut Scanner) -> Vec<(String, Mask)> {
        let near = self.last.filter(|last| last.turn == spot.turn);
        let down = near.map_or(f64::INFINITY, |last| (last.across - spot.across) / last.size.max(spot.size));
        if down > FAR {
            self.heads.clear();
            self.above.clear();
        }
        let named = cells.iter().map(|cell| if cell.is_value() { self.name(spot, cell) } else { Mask::default() });
        let named: Vec<Mask> = named.collect();
        self.heads.retain(|head| !head.alone || cells.iter().all(|cell| cell.overlap(head.start, head.end) < 0.0));
        // What is beside numbers is a text of the table.
        if cells.iter().all(|cell| cell.digits() <= SOME) {
            self.name_by(spot, &cells, down, scanner);
        }
        (self.last, self.pitch) = (Some(*spot), down);
        let texts = cells.iter().map(|cell| cell.text.clone()).zip(named).collect();
        self.above = cells;
        texts
    }

    /// Takes the names in a line.
    fn name_by(&mut self, spot: &Spot, cells: &[Cell], down: f64, scanner: &mut Scanner) {
        let alone = cells.len() == 1;
        let mut fresh: Vec<Head> = Vec::new();
        for cell in cells.iter().filter(|cell| cell.is_name()).take(NAMES) {
            let names =
                if self.goes_on(spot, cell, down) { Mask::default() } else { self.names(cell, alone, down, scanner) };
            fresh.push(Head { start: cell.start, end: cell.end, across: spot.across, names, alone });
        }
        let is_named = |head: &Head| !head.names.is_empty();
        if fresh.iter().any(is_named) {
            // A name holds for what is under it, and not under the others in its line.
            let row = !alone && cells.iter().all(|cell| !cell.is_value());
            fresh.retain(|head| row || is_named(head));
            self.add_to(&mut fresh, alone, down > APART * self.pitch);
            self.heads.append(&mut fresh);
            let many = self.heads.len().saturating_sub(NAMES);
            self.heads.drain(..many);
        } else if fresh.len() == cells.len()
            && !alone
            && down > APART * self.pitch
            && cells.iter().all(|cell| cell.digits() == 0)
        {
            // The names of another table.
            self.heads.clear();
        }
    }

    /// Makes room for names, which say what those above them have said, too, unless another table begins.
    fn add_to(&mut self, fresh: &mut [Head], alone: bool, another: bool) {
        let over = |head: &Head, new: &Head| head.start <= new.end && new.start <= head.end;
        if !another {
            for new in &mut *fresh {
                let above = self.heads.iter().filter(|head| over(head, new));
                new.names =
                    above.map(|head| head.names.clone()).chain([new.names.clone()]).fold(Mask::default(), BitOr::bitor);
            }
        }
        // A text that is alone ends no table.
        let stays = |head: &Head| alone && !another && !head.alone;
        self.heads.retain(|head| stays(head) || !fresh.iter().any(|new| over(head, new)));
    }

    /// Whether a cell is the end of a paragraph.
    fn goes_on(&self, spot: &Spot, cell: &Cell, down: f64) -> bool {
        let long = |above: &Cell| above.text.len() > NAME && (above.start - cell.start).abs() < CELL * spot.size;
        down < LINE && self.above.iter().any(long)
    }

    /// The keywords of a name, which may begin in the line above.
    fn names(&self, cell: &Cell, alone: bool, down: f64, scanner: &mut Scanner) -> Mask {
        let names = scanner.names(&cell.text);
        if !names.is_empty() || alone || down > LINE {
            return names;
        }
        let over = |above: &&Cell| above.is_name() && cell.overlap(above.start, above.end) > 0.0;
        match self.above.iter().find(over) {
            Some(above) if scanner.names(&above.text).is_empty() => {
                scanner.names(&format!("{} {}", above.text, cell.text))
            }
            _ => names,
        }
    }

    /// What the name over a value has keywords of.
    fn name(&self, spot: &Spot, cell: &Cell) -> Mask {
        let overlap = |head: &Head| cell.overlap(head.start, head.end);
        let over = self.heads.iter().filter(|head| overlap(head) > 0.0);
        // Where no name is over it, it is at the other side of its column: a number under a word.
        let beside = || {
            let before = self.heads.iter().filter(|head| cell.apart && !head.alone && head.start < cell.start);
            before.max_by(|one, other| one.start.total_cmp(&other.start))
        };
        let head = over.max_by(|one, other| overlap(one).total_cmp(&overlap(other))).or_else(beside);
        let near = |one: f64, other: f64| (one - other).abs() < EDGE * spot.size;
        let in_line = |head: &Head| {
            near(head.start, cell.start)
                || near(head.end, cell.end)
                || near(f64::midpoint(head.start, head.end), f64::midpoint(cell.start, cell.end))
        };
        let is_own = |head: &&Head| {
            let next = !head.alone || head.across - spot.across < NEXT * spot.size;
            next && (in_line(head) || (cell.apart && !head.alone))
        };
        head.filter(is_own).map_or_else(Mask::default, |head| head.names.clone())
    }
}

impl Page {
    /// The cells of all lines, and what the names over them have keywords of.
    pub(super) fn table(&self, layer: &Layer, lines: &[Vec<usize>], scanner: &mut Scanner) -> Table {
        let mut columns = Columns::default();
        Table(lines.iter().map(|line| self.named(layer, line, &mut columns, scanner)).collect())
    }

    /// The cells of a line, and what their names have keywords of.
    fn named(
        &self,
        layer: &Layer,
        line: &[usize],
        columns: &mut Columns,
        scanner: &mut Scanner,
    ) -> Vec<(String, Mask)> {
        let Some(first) = line.first().and_then(|&first| self.pieces.get(first)) else { return Vec::new() };
        let mut cells = self.cells(layer, line, CELL);
        if is_prose(&cells) {
            cells = self.cells(layer, line, COLUMN);
        }
        columns.line(&first.spot, cells.into_iter().map(|cell| cell.0).collect(), scanner)
    }

    /// The cells of a line, that are so far apart at least, and how far each is from the one before.
    fn cells(&self, layer: &Layer, line: &[usize], parting: f64) -> Vec<(Cell, f64)> {
        let mut cells: Vec<(Cell, f64)> = Vec::new();
        let mut last: Option<usize> = None;
        for &at in line {
            let Some(piece) = self.pieces.get(at) else { continue };
            if last.is_some_and(|last| self.is_again(layer, last, at)) {
                continue;
            }
            let mut between = last.map_or("\n", |last| self.gap(layer, last, at));
            for (text, start, end) in parts(layer.get(at), &piece.spot) {
                let text = parted(text);
                match cells.last_mut() {
                    Some((cell, _)) => {
                        let gap = (start - cell.end) / piece.spot.size;
                        let joined = gap <= parting
                            || (gap < COLUMN
                                && is_group(cell.text.rsplit(' ').next())
                                && is_group(text.split(' ').next()));
                        if joined && between != "\n" {
                            cell.text.push_str(if between.is_empty() && gap > BLANK { " " } else { between });
                            cell.text.push_str(&text);
                            cell.end = end;
                        } else {
                            let apart = !(0.0..COLUMN).contains(&gap);
                            cell.apart &= apart;
                            cells.push((Cell { start, end, text, apart }, gap));
                        }
                    }
                    None => cells.push((Cell { start, end, text, apart: true }, f64::INFINITY)),
                }
                between = " ";
            }
            last = Some(at);
        }
        cells
    }
}

/// The cells of a page, line by line, each with what the name over it has keywords of.
pub(super) struct Table(Vec<Vec<(String, Mask)>>);

impl Table {
    /// Whether something is in a column whose name has a keyword.
    pub(super) fn has_columns(&self) -> bool {
        self.0.iter().flatten().any(|(_, names)| !names.is_empty())
    }

    /// Passes on all lines, what is in a column under its name.
    pub(super) fn show(&self, place: &Place, scanner: &mut Scanner) {
        for line in &self.0 {
            for (at, (text, names)) in line.iter().enumerate() {
                if at > 0 {
                    scanner.text("\t");
                }
                if names.is_empty() {
                    scanner.text(text);
                } else {
                    scanner.begin(names.clone(), place.clone());
                    scanner.text(text);
                    scanner.begin(Mask::default(), place.clone());
                }
            }
            scanner.text("\n");
        }
    }
}

/// Whether what is taken for cells are words that are all set apart alike.
fn is_prose(cells: &[(Cell, f64)]) -> bool {
    let gaps: Vec<f64> = cells.iter().skip(1).map(|cell| cell.1).filter(|&gap| gap < COLUMN).collect();
    let (least, most) = gaps.iter().fold((f64::MAX, 0.0_f64), |(least, most), &gap| (least.min(gap), most.max(gap)));
    gaps.len() > 1 && most < ALIKE * least && cells.iter().all(|(cell, _)| !cell.text.contains(' '))
}

/// Whether this is four digits, as numbers of cards are written in groups.
fn is_group(word: Option<&str>) -> bool {
    word.is_some_and(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The parts of a piece between two blanks and more, and where they are if all characters are of one width.
fn parts<'t>(text: &'t str, spot: &Spot) -> Vec<(&'t str, f64, f64)> {
    if !text.contains("  ") {
        let text = text.trim();
        return if text.is_empty() { Vec::new() } else { vec![(text, spot.start, spot.end)] };
    }
    let length = |text: &str| text.chars().map(|_| 1.0).sum::<f64>();
    let width = (spot.end - spot.start) / length(text).max(1.0);
    let (mut parts, mut at) = (Vec::new(), spot.start);
    for part in text.split("  ") {
        let own = part.trim();
        let start = length(part) - length(part.trim_start());
        let start = start.mul_add(width, at);
        if !own.is_empty() {
            parts.push((own, start, length(own).mul_add(width, start)));
        }
        at += (length(part) + 2.0) * width;
    }
    parts
}
