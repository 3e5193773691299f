//! Other servers, if they are installed: NSD, Knot DNS and gdnsd, each with the same zone and one worker.
//!
//! Configured for the least work an answer needs (minimal responses, no rate limit, no query log), as ours is.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::cpu::Cores;
use crate::run::server::{Server, free_address};
use crate::run::zone;

/// The peers we know how to start.
pub const PEERS: [&str; 3] = ["nsd", "knotd", "gdnsd"];

/// Starts `peer` with the zone file below `folder`; `None` if it is not installed.
///
/// # Errors
/// It is installed but does not come up.
pub fn start(peer: &str, cores: Cores, folder: &Path, zone_file: &Path) -> Result<Option<Server>> {
    let Some(program) = find(peer) else { return Ok(None) };
    let folder = folder.join(peer);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let address = free_address()?;
    let (port, own, file) = (address.port(), folder.display(), zone_file.display());
    let origin = zone::ZONE.trim_end_matches('.');
    let mut command = Command::new(program);
    match peer {
        "nsd" => {
            let text = format!(
                "server:\n  server-count: 1\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{own}\"\n  database: \"\"\n  pidfile: \"{own}/nsd.pid\"\n  xfrdfile: \"{own}/xfrd.state\"\n  xfrdir: \"{own}\"\n  zonelistfile: \"{own}/zone.list\"\n  minimal-responses: yes\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: no\nzone:\n  name: {origin}\n  zonefile: {file}\n"
            );
            let path = folder.join("nsd.conf");
            fs::write(&path, text)?;
            command.arg("-d").arg("-c").arg(path);
        }
        "knotd" => {
            let text = format!(
                "server:\n  rundir: {own}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\nlog:\n  - target: stderr\n    any: error\ncontrol:\n  listen: {own}/knot.sock\ndatabase:\n  storage: {own}\nzone:\n  - domain: {origin}\n    file: {file}\n    zonefile-sync: -1\n    journal-content: none\n"
            );
            let path = folder.join("knot.conf");
            fs::write(&path, text)?;
            command.arg("-c").arg(path);
        }
        _ => {
            let text = format!(
                "options => {{\n  listen => \"127.0.0.1:{port}\"\n  udp_threads => 1\n  tcp_threads => 1\n  run_dir => \"{own}/run\"\n  state_dir => \"{own}/state\"\n}}\n"
            );
            for name in ["zones", "run", "state"] {
                fs::create_dir_all(folder.join(name))?;
            }
            fs::write(folder.join("config"), text)?;
            fs::copy(zone_file, folder.join("zones").join(origin)).context("copy the zone for gdnsd")?;
            command.arg("-c").arg(&folder).arg("start");
        }
    }
    command.stderr(fs::File::create(folder.join("log"))?);
    Server::start(command, cores, address, &zone::name(0)).map(Some)
}

/// The program in the search path or in the folders where distributions put daemons.
pub(crate) fn find(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(Into::into));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}
