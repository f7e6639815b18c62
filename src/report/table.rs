//! The answers as lines of text: the resources of `status`, the changes of `--dry-run`, the files
//! of `demo`. Pure: a plan and a width in, lines out.

use super::contract::VAULTED;
use super::differences::differences;
use super::layout::Layout;
use super::text::{BAD, CHANGED, FAINT, GOOD, STRONG, counts, indented, invocation, note, painted};
use super::text::{place, printable, shortened, time, words};
use crate::deploy::event::{Command, Judged};
use crate::deploy::plan::{Action, Plan, StackState, State, Step};
use anstyle::Style;
use console::{Alignment, measure_text_width, pad_str};

/// What `status` prints.
pub fn status(plan: &Plan, layout: Layout) -> Vec<String> {
    let names = column(plan.resources.iter().map(|step| printable(&step.name)));
    let mut lines = vec![];
    for (step, name) in plan.resources.iter().zip(names) {
        let (style, word) = state(step.state);
        let mut cells = vec![painted(style, format!("{word:<7}")), name];
        if layout.verbose {
            cells.push(step.id.as_deref().map(printable).unwrap_or_default());
        }
        cells.extend(remarks(step));
        lines.push(cells.join("  ").trim_end().to_owned());
        lines.extend(differences(step, layout, 9));
    }
    lines.extend(plan.notes.iter().map(|text| note(text)));
    lines.push(verdict(plan));
    lines
}

/// What `up --dry-run` and `down --dry-run` print.
pub fn dry_run(command: Command, plan: &Plan, layout: Layout) -> Vec<String> {
    let mut lines = vec![];
    for step in plan.resources.iter().filter(|step| layout.verbose || step.action != Action::Keep) {
        let (style, symbol) = match step.action {
            Action::Keep => (FAINT, '='),
            Action::Create => (GOOD, '+'),
            Action::Update => (CHANGED, '~'),
            Action::Delete => (BAD, '-'),
        };
        let mut cells = vec![painted(style, format!("{symbol} {}", words(step.action)[0])), printable(&step.name)];
        cells.extend(remarks(step));
        lines.push(cells.join("  "));
        if step.action == Action::Update {
            lines.extend(differences(step, layout, 4));
        }
    }
    lines.extend(kept(command, plan, layout));
    lines.extend(plan.notes.iter().map(|text| note(text)));
    lines.push(painted(STRONG, intention(command, plan)));
    lines
}

/// What stays, in one line, with what a reader should know of it.
fn kept(command: Command, plan: &Plan, layout: Layout) -> Vec<String> {
    let kept: Vec<_> = plan.resources.iter().filter(|step| step.action == Action::Keep).collect();
    if layout.verbose || kept.is_empty() {
        return vec![];
    }
    let others = match (plan.changes(), kept.len()) {
        (false, _) => "",
        (true, 1) => " other",
        (true, _) => " others",
    };
    let how = if command == Command::Up { "as declared" } else { "left alone" };
    let mut lines = vec![painted(FAINT, format!("= {}{others} {how}", kept.len()))];
    for step in kept {
        lines.extend(remarks(step).iter().map(|remark| note(&format!("{}: {remark}", step.name))));
    }
    lines
}

/// What a run would do, in one sentence.
pub fn intention(command: Command, plan: &Plan) -> String {
    if !plan.changes() {
        return format!("nothing to change; {}", place(&plan.stack, &plan.id, &plan.account, &plan.region));
    }
    let [create, update, delete] = [Action::Create, Action::Update, Action::Delete].map(|action| plan.count(action));
    let run = invocation(command);
    format!("plan: {create} to create, {update} to update, {delete} to delete; run {run} to do it")
}

/// The stack as a whole, and what to do next.
pub fn verdict(plan: &Plan) -> String {
    let of = |state| plan.resources.iter().filter(|step| step.state == state).count();
    let tally = counts(&[
        (of(State::Ok), "ok"),
        (of(State::Pending), "pending"),
        (of(State::Drifted), "drifted"),
        (of(State::Missing), "missing"),
    ]);
    let up = invocation(Command::Up);
    let (style, word, next) = match plan.state {
        StackState::InSync => (GOOD, "in-sync", "nothing to do".to_owned()),
        StackState::Stuck => (BAD, "stuck", "files or events wait, and nothing processes them: see above".to_owned()),
        StackState::Drifted => (CHANGED, "drifted", format!("run {up} to repair it")),
        StackState::Partial => (BAD, "partial", format!("run {up} to complete it")),
        StackState::Absent => (BAD, "absent", format!("there is no such stack; run {up} to make it")),
    };
    let place = place(&plan.stack, &plan.id, &plan.account, &plan.region);
    format!("{}: {place}\n  {tally}; {next}", painted(style.bold(), word))
}

/// The files of `demo`: where each is stands behind it, or below it where that would be too wide.
pub fn judged(rows: &[Judged], layout: Layout) -> Vec<String> {
    let cells = |title: &str, cell: &dyn Fn(&Judged) -> String| {
        column(std::iter::once(title.to_owned()).chain(rows.iter().map(cell)))
    };
    let files = cells("FILE", &|row| shortened(&printable(&row.file), 40, layout.glyphs));
    let verdicts = cells("VERDICT", &|row| printable(&row.status));
    let times = cells("TIME", &|row| time(row.seconds));
    let wide = |row: &Judged| measure_text_width(&printable(&row.place));
    let taken = [&files, &verdicts, &times].iter().map(|cells| measure_text_width(&cells[0]) + 2).sum::<usize>();
    let fits = rows.iter().map(wide).max().unwrap_or(0) + taken <= layout.width;

    let title = format!("{}  {}  {}{}", files[0], verdicts[0], times[0], if fits { "  WHERE" } else { "" });
    let mut lines = vec![painted(STRONG, title.trim_end())];
    for (index, row) in (1..).zip(rows) {
        let style = if row.status == VAULTED { GOOD } else { CHANGED };
        let line = format!("{}  {}  {}", files[index], painted(style, &verdicts[index]), times[index]);
        let place = printable(&row.place);
        if fits {
            lines.push(format!("{line}  {place}"));
        } else {
            lines.extend([line.trim_end().to_owned(), format!("    {place}")]);
        }
        lines.extend(row.reasons.iter().map(|reason| format!("    {}", indented(reason, 4))));
    }
    let vaulted = rows.iter().filter(|row| row.status == VAULTED).count();
    lines.push(format!("{} files: {vaulted} in the vault, {} held back", rows.len(), rows.len() - vaulted));
    lines
}

/// What a reader should know of a resource apart from its state.
pub fn remarks(step: &Step) -> Vec<String> {
    // The note says whose it is; what is in another account or region nobody takes over.
    let is_taken_over = step.owner.is_some() && step.observed.is_some();
    let hint = if is_taken_over { format!("; `cvault up --adopt {}` takes it over", step.name) } else { String::new() };
    step.note.iter().map(|note| indented(&format!("{note}{hint}"), 11)).collect()
}

/// The word for a state, and its colour.
pub fn state(state: State) -> (Style, &'static str) {
    match state {
        State::Ok => (GOOD, "ok"),
        State::Drifted => (CHANGED, "drifted"),
        State::Missing => (BAD, "missing"),
        State::Pending => (CHANGED, "pending"),
    }
}

/// The cells, all as wide as the widest.
fn column(cells: impl Iterator<Item = String>) -> Vec<String> {
    let cells: Vec<_> = cells.collect();
    let width = cells.iter().map(|cell| measure_text_width(cell)).max().unwrap_or(0);
    cells.iter().map(|cell| pad_str(cell, width, Alignment::Left, None).into_owned()).collect()
}
