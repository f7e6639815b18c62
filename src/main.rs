//! The `cvault` program: everything is in the library.

use cvault::cli::Cli;
use cvault::outcome::failure::Exit;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let exit = match Cli::read(line.iter().cloned()) {
        Ok(cli) => cvault::run::run(cli).await,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            if exit == Exit::Usage {
                cvault::run::wrong_usage(&line, &error.render().ansi().to_string());
            } else {
                // Help into a pipe that nobody reads is no failure.
                let _ = error.print();
            }
            exit
        }
    };
    ExitCode::from(exit as u8)
}
