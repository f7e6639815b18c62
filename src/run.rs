//! One run of the program: the command, its reports, signals and time, and the exit code.

mod wrong;

pub use wrong::wrong_usage;

use crate::aws::{self, explained};
use crate::cli::{self, Cli, Command, Down};
use crate::commands::clock::now;
use crate::commands::gc::Collecting;
use crate::commands::held::{Deciding, Eyes, decide, held, show};
use crate::commands::verify::{self, Verifying};
use crate::commands::{
    Answer, Session, demo, doctor, down, exit_or, gc, init, judge, list, policy, report as period, status, up,
};
use crate::configuration;
use crate::deploy::event::{self, Event, Events};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::interrupt::{Cause, Interrupt, Switch};
use crate::outcome::row::{Row, Settling};
use crate::report::page::Page;
use crate::report::question::Terminal;
use crate::report::{self, Report, Run};
use crate::vault::settings::Settings;
use anyhow::{Result, bail};
use aws_config::SdkConfig;
use serde_json::Value;
use std::future::Future;
use std::io::IsTerminal;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// Runs the command line to its exit code.
pub async fn run(cli: Cli) -> Exit {
    let settings = configuration::for_command_line(&cli);
    let mut invocation = cli.invocation();
    let named = settings.as_ref().ok().and_then(|settings| settings.profile.clone());
    let profile = named.or_else(|| std::env::var("AWS_PROFILE").ok()).filter(|profile| !profile.is_empty());
    if let Some(profile) = profile {
        invocation.profile(profile);
    }
    let options = report::Options {
        output: cli.options.output,
        color: cli.options.color,
        verbosity: if cli.options.quiet { -1 } else { i8::try_from(cli.options.verbose).unwrap_or(i8::MAX) },
        dotenv: cli.options.dotenv.clone(),
        invocation,
    };
    log_calls(cli.options.verbose);
    let mut report = report::reporter(&options, kind(&cli.command));
    let (events, received) = Events::channel();
    let (switch, interrupt) = Interrupt::switch();
    // `verify` bounds the way of its files by it, and has to take them away after that.
    let bound = cli.options.timeout.filter(|_| !matches!(cli.command, Command::Verify(_)));
    let signals = watch_signals(switch, events.clone(), bound);
    let work = Box::pin(command(&cli, settings, events, interrupt.clone()));
    let ended = drive(work, signals, received, report.as_mut()).await;
    let exit = match ended {
        // The summary has named it: a signal that comes later changes nothing of it.
        Ok(Ended::Exit(exit)) => return written(report.as_mut(), exit),
        Ok(Ended::Answer(answer)) => {
            report.answer(&answer.plan);
            answer.exit
        }
        Ok(Ended::Policy(policy)) => {
            report.policy(&policy);
            Exit::Done
        }
        Err(error) => {
            let mut failure = explained(&error);
            failure.exit = exit_or(&interrupt, failure.exit);
            report.failure(&failure);
            failure.exit
        }
    };
    written(report.as_mut(), exit_or(&interrupt, exit))
}

/// The exit code once all is printed.
fn written(report: &mut dyn Report, exit: Exit) -> Exit {
    match report.end() {
        // The answer did not arrive, which the report has said: the code of what nobody could read would mislead.
        Err(_) if matches!(exit, Exit::Done | Exit::Differs | Exit::Absent) => Exit::Failed,
        _ => exit,
    }
}

enum Ended {
    Exit(Exit),
    Answer(Box<Answer>),
    Policy(Value),
}

async fn command(cli: &Cli, settings: Result<Settings>, events: Events, interrupt: Interrupt) -> Result<Ended> {
    if let Command::Init(options) = &cli.command {
        return init::run(Path::new("."), &cli.chosen(options), &events).map(Ended::Exit);
    }
    let settings = settings?;
    if let Command::Demo(options) = &cli.command {
        return demo::run(settings, &options.files, options.keep, &events, &interrupt).await.map(Ended::Exit);
    }
    let terminal = match &cli.command {
        Command::Down(options) if !options.dry_run => asked(cli, options)?,
        _ => None,
    };
    let code = async |prompt: &str| code(prompt, &interrupt).await;
    let config = aws::sdk_config(settings.region.clone(), settings.profile.as_deref(), code).await;
    for text in config.iter().flat_map(|_| configuration::whose_credentials(cli, &settings)) {
        events.send(Event::Note { text });
    }
    if let Command::Doctor(options) = &cli.command {
        let asked = options.into();
        return Box::pin(doctor::run(settings, config, &asked, (events, interrupt))).await.map(Ended::Exit);
    }
    let config = config?;
    if let Command::Policy(options) = &cli.command {
        let request = policy::Request::from(options);
        if let Some(text) = request.caution(&settings) {
            events.send(Event::Note { text: text.into() });
        }
        let policy = policy::run(&settings, &request, &config, (&events, &interrupt)).await?;
        for text in [request.width(), request.size(&policy)].into_iter().flatten() {
            events.send(Event::Note { text });
        }
        return Ok(Ended::Policy(policy));
    }
    if let Some(looked) = Box::pin(life(cli, &settings, &config, (&events, &interrupt))).await? {
        return Ok(Ended::Exit(looked));
    }
    let (session, macie) = Session::open(settings, &config, events, interrupt).await?;
    Ok(match &cli.command {
        Command::Up(options) => {
            let deployment = up::look(&session, &macie, options.allowed()).await?;
            if options.dry_run {
                return Ok(Ended::Answer(deployment.answer().into()));
            }
            Ended::Exit(up::apply(&session, &macie, &deployment).await)
        }
        Command::Down(options) => {
            let removal = down::look(&session, &macie, options.keep_vault).await?;
            if options.dry_run {
                return Ok(Ended::Answer(removal.answer().into()));
            }
            removal.guard(session.settings.delete_data)?;
            if let (Some(terminal), Some(question)) = (terminal, removal.question(&session.names)) {
                terminal.ask(&question, &session.interrupt).await?;
            }
            Ended::Exit(down::remove(&session, &macie, &removal).await)
        }
        Command::Verify(options) => {
            let verifying = Verifying { timeout: cli.options.timeout, dry_run: options.dry_run };
            Ended::Exit(Box::pin(verify::run(&session, &macie, verifying)).await?)
        }
        _ => Ended::Answer(status::run(&session, &macie).await?.into()),
    })
}

/// The commands of the life after `up`, which are not about the stack's resources; `None` for all others.
async fn life(
    cli: &Cli,
    settings: &Settings,
    config: &SdkConfig,
    (events, interrupt): (&Events, &Interrupt),
) -> Result<Option<Exit>> {
    let deciding = match &cli.command {
        Command::Release(options) => Some(options.deciding(Settling::Release)),
        Command::Discard(options) => Some(options.deciding(Settling::Discard)),
        Command::Held(_)
        | Command::Show(_)
        | Command::Judge(_)
        | Command::Report(_)
        | Command::List
        | Command::Gc(_) => None,
        _ => return Ok(None),
    };
    let terminal = match &deciding {
        Some(deciding) => {
            deciding.check()?;
            asked_of(cli, &format!("{} what is held", deciding.action.word()), deciding.dry_run)?
        }
        None => match &cli.command {
            Command::Gc(options) => asked_of(cli, "remove the stacks that have expired", options.dry_run)?,
            Command::Judge(options) => {
                options.judge()?;
                asked_of(cli, if options.stop { "stop what judges" } else { "judge again" }, options.dry_run)?
            }
            _ => None,
        },
    };
    let session = Session::without_macie(settings.clone(), config, events.clone(), interrupt.clone()).await?;
    let exit = match (&cli.command, deciding) {
        (_, Some(deciding)) => decided(&session, &deciding, terminal).await?,
        (Command::Show(options), None) => show(&session, &options.key).await?,
        (Command::Judge(options), None) => judged(&session, &options.judge()?, terminal).await?,
        (Command::Report(options), None) => reported(&session, options).await?,
        (Command::List, None) => list::run(&session).await?,
        (Command::Gc(options), None) => collected(&session, &cli.collecting(options), terminal).await?,
        (Command::Held(options), None) => held(&session, &options.into()).await?,
        _ => return Ok(None),
    };
    Ok(Some(exit))
}

/// Decides what was looked at, once it was confirmed where somebody is to be asked.
async fn decided(session: &Session, deciding: &Deciding, terminal: Option<Terminal>) -> Result<Exit> {
    let moment = now();
    let eyes = Eyes::of(session).await?;
    deciding.check_with(eyes.as_ref())?;
    let question = deciding.question(session, eyes.as_ref(), moment).await?;
    if let (Some(terminal), Some(question)) = (terminal, question) {
        terminal.ask(&question, &session.interrupt).await?;
    }
    Box::pin(decide(session, deciding, eyes.as_ref(), moment)).await
}

/// Removes what has expired, once it was confirmed where somebody is to be asked.
async fn collected(session: &Session, collecting: &Collecting, terminal: Option<Terminal>) -> Result<Exit> {
    let garbage = Box::pin(gc::look(session, collecting)).await?;
    if let (Some(terminal), Some(question)) = (terminal, garbage.question()) {
        terminal.ask(&question, &session.interrupt).await?;
    }
    Ok(Box::pin(garbage.remove()).await)
}

/// Judges again, once it was confirmed where somebody is to be asked.
async fn judged(session: &Session, judge: &judge::Judge, terminal: Option<Terminal>) -> Result<Exit> {
    let work = judge::look(session, judge).await?;
    if let (Some(terminal), Some(question)) = (terminal, work.question()) {
        terminal.ask(&question, &session.interrupt).await?;
    }
    work.run().await
}

/// Reports on a period. A page that cannot be written is found out before anything is read.
async fn reported(session: &Session, options: &cli::Report) -> Result<Exit> {
    let between = options.between(now())?;
    let page = options.html.as_deref().map(Page::open).transpose()?;
    let period = period::run(session, between).await?;
    if let Some(page) = page {
        page.write(&period)?;
    }
    session.events.send(Event::Row(Row::Report(period.into())));
    Ok(Exit::Done)
}

/// The terminal on which to ask before anything is released, discarded or collected.
fn asked_of(cli: &Cli, what: &str, dry_run: bool) -> Result<Option<Terminal>> {
    if cli.options.yes || dry_run {
        return Ok(None);
    }
    match Terminal::open() {
        Some(terminal) => Ok(Some(terminal)),
        None => bail!(Failure::usage(
            what,
            "there is no terminal to ask on, and it cannot be brought back",
            "pass --yes; the variable CVAULT_YES does not stand for it here"
        )),
    }
}

/// The code of an MFA device, asked for on the terminal.
async fn code(prompt: &str, interrupt: &Interrupt) -> Result<String> {
    let Some(terminal) = Terminal::open() else {
        bail!(Failure::usage(
            "sign in with a code",
            format!(
                "the profile has mfa_serial, and there is no terminal to ask on ({})",
                prompt.trim_end_matches([':', ' '])
            ),
            "run it on a terminal, or give credentials that need no code: a role for pipelines, or those of a session"
        ));
    };
    Ok(terminal.read(prompt, interrupt).await?)
}

/// The terminal on which to ask before `down` removes anything; `None` where nobody is to be asked.
fn asked(cli: &Cli, options: &Down) -> Result<Option<Terminal>> {
    if cli.options.yes || (configuration::assumes_yes()? && !options.delete_data) {
        return Ok(None);
    }
    let terminal = Terminal::open();
    if terminal.is_none() && options.delete_data {
        bail!(Failure::usage(
            "delete the data of the stack",
            "there is no terminal to ask on, and it cannot be brought back",
            "pass --yes; the variable CVAULT_YES does not stand for it here"
        ));
    }
    Ok(terminal)
}

fn kind(command: &Command) -> Run {
    match command {
        Command::Up(options) if options.dry_run => Run::DryRun(event::Command::Up),
        Command::Down(options) if options.dry_run => Run::DryRun(event::Command::Down),
        Command::Up(_) => Run::Walk(event::Command::Up),
        Command::Down(_) => Run::Walk(event::Command::Down),
        Command::Status(_) => Run::Status,
        Command::Demo(_) => Run::Demo,
        Command::Policy(_) => Run::Policy,
        Command::Doctor(_)
        | Command::Verify(_)
        | Command::List
        | Command::Gc(_)
        | Command::Held(_)
        | Command::Judge(_)
        | Command::Report(_)
        | Command::Show(_)
        | Command::Release(_)
        | Command::Discard(_)
        | Command::Init(_) => Run::Rows,
    }
}

/// Runs the work and tells the report what happens meanwhile.
async fn drive<T>(
    work: impl Future<Output = T>,
    signals: impl Future<Output = ()>,
    mut events: UnboundedReceiver<Event>,
    report: &mut dyn Report,
) -> T {
    let (mut work, mut signals) = (pin!(work), pin!(signals));
    let begun = Instant::now();
    let mut ticks = interval(report::TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let output = loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => report.event(&event),
            output = &mut work => break output,
            () = &mut signals => {}
            _ = ticks.tick() => report.tick(begun.elapsed()),
        }
    };
    while let Ok(event) = events.try_recv() {
        report.event(&event);
    }
    output
}

/// Never ends: turns the first signal, or the end of the time, into a request to stop, and leaves
/// at once at the second.
async fn watch_signals(switch: Switch, events: Events, timeout: Option<Duration>) {
    let (Ok(mut interrupts), Ok(mut terminations)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    let mut over = pin!(async {
        match timeout {
            Some(timeout) => sleep(timeout).await,
            None => std::future::pending().await,
        }
    });
    loop {
        let cause = tokio::select! {
            _ = interrupts.recv() => Cause::Interrupt,
            _ = terminations.recv() => Cause::Terminate,
            () = &mut over, if switch.cause().is_none() => Cause::Timeout,
        };
        match (switch.cause(), cause) {
            (Some(Cause::Interrupt | Cause::Terminate), _) => {
                std::process::exit(if cause == Cause::Interrupt { 130 } else { 143 });
            }
            (_, Cause::Timeout) => events.send(Event::Note {
                text: "the time is over (--timeout): no new work is begun, what is in flight is finished".into(),
            }),
            _ => events.send(Event::Note {
                text: "interrupted: no new work is begun, what is in flight is finished; once more leaves at once"
                    .into(),
            }),
        }
        switch.stop(cause);
    }
}

/// `-vv`, or `CVAULT_LOG` in the syntax of `RUST_LOG`: the SDK's own log, on standard error.
fn log_calls(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let filter = match std::env::var("CVAULT_LOG") {
        Ok(filter) => EnvFilter::new(filter),
        Err(_) if verbose > 1 => EnvFilter::new(
            "warn,aws_config::meta::credentials=debug,aws_smithy_runtime::client::orchestrator=debug,aws_runtime=debug",
        ),
        Err(_) => return,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).init();
}
