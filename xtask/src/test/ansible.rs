//! Ansible's modules for AWS, beside the Python packages: the collection `amazon.aws`.
//!
//! Collections come from Ansible Galaxy, and all of them together in one package of PyPI, which is where we have everything
//! else from. That package is 500 MB unpacked, so we keep the archive and take only this collection out.

use std::ffi::OsStr;

use anyhow::Context;

use crate::step::{command, run, target};

/// The package, and so the version of the collection. Ansible itself is pinned with the other Python packages.
const PACKAGE: &str = "ansible==12.3.0";
/// Run with the archive's folder: where Python looks for packages is where Ansible looks for collections.
const UNPACK: &str = "\
import glob, sys, sysconfig, zipfile
archive = zipfile.ZipFile(glob.glob(sys.argv[1] + '/ansible-*.whl')[0])
names = [name for name in archive.namelist() if name.startswith('ansible_collections/amazon/aws/')]
archive.extractall(sysconfig.get_path('purelib'), names)
";

/// Unpacks the collection into the environment of this Python, if it is not there as pinned.
pub(super) fn install(python: &OsStr) -> anyhow::Result<()> {
    // In the environment, so that it goes when the environment is made anew.
    let stamp = target().join("venv/collection.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == PACKAGE) {
        eprintln!("Ansible's collection amazon.aws is there");
        return Ok(());
    }
    let archives = target().join("downloads").join(PACKAGE);
    let folder = archives.to_str().context("the path of target is not UTF-8")?;
    if !archives.is_dir() {
        let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", folder];
        run(command(python, &pip).arg(PACKAGE))
            .context("cannot fetch Ansible's collections; the tests need them once")?;
    }
    run(&mut command(python, &["-c", UNPACK, folder])).context("cannot unpack Ansible's collection amazon.aws")?;
    std::fs::write(&stamp, PACKAGE).with_context(|| format!("cannot write {}", stamp.display()))
}
