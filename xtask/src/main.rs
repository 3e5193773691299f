//! The one tool: `cargo xtask <command>`. Each command is a module with one `run`.
#![forbid(unsafe_code)]

mod operations;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("operations") => operations::run(args),
        Some(other) => anyhow::bail!("no such command; there is `operations`: {other}"),
        None => anyhow::bail!("cargo xtask operations [--model FILE] [--check]"),
    }
}
