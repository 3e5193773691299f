//! `cutover`: Route 53 that you run yourself, with safe releases built in. The binary knows every edge and decides
//! nothing: it reads configuration, wires the parts, starts and stops them, and is the command line's client.
#![forbid(unsafe_code)]

mod answers;
mod cli;
mod client;
mod config;
mod cookie_secret;
mod demo;
mod door;
mod foreign;
mod key_file;
mod master_key;
mod measure;
mod metrics;
mod notify;
mod places;
mod query_log;
mod start;
mod steady;
mod stop;
mod whole_file;

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    leave_when_nobody_reads();
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(fault) => {
            // One line: the fault and its causes, each said once.
            eprintln!("cutover: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever reads what we print may stop reading (`cutover zone list | head`). That is no fault of ours, and `print!` can
/// only tell by a panic; the code is the one that shells give to programs ended by SIGPIPE.
fn leave_when_nobody_reads() {
    const SIGPIPE_CODE: i32 = 128 + 13;
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if text.starts_with("failed printing to std") && text.contains("Broken pipe") {
            std::process::exit(SIGPIPE_CODE);
        }
        usual(panic);
    }));
}
