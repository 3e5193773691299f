//! `cutover`: Route 53 that you run yourself, with safe releases built in. The binary knows every crate and decides
//! nothing: it reads configuration, wires the parts, starts and stops them, and is the command line's client.
#![forbid(unsafe_code)]

mod cli;
mod client;
mod config;
mod demo;
mod door;
mod metrics;
mod start;
mod stop;

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(code) => code,
        Err(fault) => {
            // One line: the fault and its causes, each said once.
            eprintln!("cutover: {fault:#}");
            ExitCode::FAILURE
        }
    }
}
