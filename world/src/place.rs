//! Where things are: the binary under test, the Python of the clients, other people's programs, folders of our own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that is gone when this is dropped, unless the test panics: then it stays to be looked at.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty one; `name` is for people.
    ///
    /// # Panics
    /// It cannot be created.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let unique = format!("cutover-{name}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it; its path.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("the temporary folder can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("left for you to look at: {}", self.0.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// The repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("world lies in the root").to_owned()
}

/// The folder of the profile we run in: `target/debug`.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("we run");
    // target/debug/deps/crash-0123456789abcdef
    test.ancestors().nth(2).expect("tests lie in target/debug/deps").to_owned()
}

/// The binary under test.
///
/// # Panics
/// It is not built.
#[must_use]
pub fn binary() -> PathBuf {
    let path = built().join("cutover");
    let hint = "build it with `cargo build -p cutover`, or let `cargo xtask test` do it";
    assert!(path.is_file(), "the process tests run {}, which is not there; {hint}", path.display());
    path
}

/// The Python that has the clients of `tests/clients/requirements.txt`.
///
/// # Panics
/// There is none.
#[must_use]
pub fn python() -> PathBuf {
    let venv = built().parent().expect("a profile lies in target").join("venv/bin/python");
    let path = std::env::var_os("CUTOVER_PYTHON").map_or(venv, PathBuf::from);
    let hint = "`cargo xtask test --prepare` makes it";
    assert!(path.is_file(), "the client tests run {}, which is not there; {hint}", path.display());
    path
}

/// The folder that has the packages of `tests/clients/javascript/package.json`.
///
/// # Panics
/// There is none.
#[must_use]
pub fn javascript() -> PathBuf {
    let path = built().parent().expect("a profile lies in target").join("javascript");
    let hint = "`cargo xtask test --prepare` makes it";
    assert!(path.is_dir(), "the client tests need {}, which is not there; {hint}", path.display());
    path
}

/// Somebody else's program; daemons live where an ordinary user's PATH does not look.
///
/// # Panics
/// It is not installed.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    find(name)
        .unwrap_or_else(|| panic!("the test runs {name}, which is not installed; `cargo xtask test --prepare` does it"))
}

/// Whether somebody else's program is there.
#[must_use]
pub fn is_installed(name: &str) -> bool {
    find(name).is_some()
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// Says that something is left out, now and at the end of `cargo xtask test`.
///
/// # Panics
/// The note cannot be written.
pub fn skip(test: &str, reason: &str) {
    println!("SKIPPED {test}: {reason}");
    let folder = built().parent().expect("a profile lies in target").join("skipped");
    std::fs::create_dir_all(&folder).expect("target can be written");
    std::fs::write(folder.join(test), format!("{test}: {reason}\n")).expect("target can be written");
}
