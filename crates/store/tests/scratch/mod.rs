//! A folder of its own for each test, removed with everything in it at the end.

#![allow(
    unreachable_pub,
    dead_code,
    clippy::new_without_default,
    reason = "part of several test programs, and of the crate's own tests"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cutover-store-{}-{count}", std::process::id()));
        std::fs::create_dir(&path).expect("a new folder for this test");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
