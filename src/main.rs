use clap::Parser;
use cvault::cli::{Cli, Command};
use cvault::{aws, commands, configuration::Settings, events::Events, interrupt::Interrupt};
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let settings = Settings::for_command_line(&cli)?;
    let config = aws::sdk_config(settings.region.clone(), settings.profile.as_deref()).await;
    let (events, mut rx) = Events::channel();
    let (_s, interrupt) = Interrupt::switch();
    let work = async move {
        let session = commands::Session::open(settings, &config, events, interrupt).await?;
        match cli.command {
            Command::Up(up) if up.dry_run => {
                let a = commands::up::dry_run(&session, up.adopt).await?;
                println!("{}", serde_json::to_string_pretty(&a.plan)?);
            }
            Command::Up(up) => {
                println!("{:?}", commands::up::run(&session, up.adopt).await?)
            }
            Command::Down(down) => {
                println!("{:?}", commands::down::run(&session, down.keep_vault).await?)
            }
            Command::Status => {
                let a = commands::status::run(&session).await?;
                println!("{}", serde_json::to_string_pretty(&a.plan)?);
                println!("{:?}", a.exit)
            }
            _ => {}
        }
        anyhow::Ok(())
    };
    let drain = async {
        while let Some(e) = rx.recv().await {
            let s = serde_json::to_string(&e).unwrap();
            println!("{}", &s[..s.len().min(300)]);
        }
    };
    let (r, ()) = futures::join!(work, drain);
    r
}
