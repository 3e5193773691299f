//! Errands to endpoints of Route 53 that are not this server: carried out by a driver, if the program was built with one.

use std::collections::BTreeMap;

use control::foreign::Run;
use model::id::AccountName;
use tokio::runtime::Runtime;

use crate::config::accounts::Table;

/// Who runs them, prepared on a runtime.
///
/// # Errors
/// An account cannot be prepared; or there are some and no driver.
#[cfg(feature = "route53")]
pub(crate) fn errands(accounts: &BTreeMap<AccountName, Table>, on: &Runtime) -> anyhow::Result<Run> {
    use std::sync::Arc;

    let config = |Table { endpoint, region, credentials_file, profile }: Table| route53::Config {
        endpoint,
        region,
        credentials: route53::Credentials { file: credentials_file, profile },
    };
    let accounts = accounts.iter().map(|(name, table)| (name.clone(), config(table.clone()))).collect();
    let driver = Arc::new(on.block_on(route53::Driver::open(accounts))?);
    Ok(Arc::new(move |errand| {
        let driver = Arc::clone(&driver);
        Box::pin(async move { driver.run(errand).await })
    }))
}

/// The same where there is none: every service with such record sets is refused.
#[cfg(not(feature = "route53"))]
pub(crate) fn errands(accounts: &BTreeMap<AccountName, Table>, _: &Runtime) -> anyhow::Result<Run> {
    const REASON: &str =
        "this program was built without the driver for it; build it with `cargo build --release --features route53`";
    if let Some(name) = accounts.keys().next() {
        anyhow::bail!("[accounts.{name}]: {REASON}");
    }
    Ok(control::foreign::nobody(REASON))
}

#[cfg(all(test, not(feature = "route53")))]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_the_driver_says_how_to_build_it() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert!(errands(&BTreeMap::new(), &runtime).is_ok());
        let accounts = [(AccountName::parse("prod").unwrap(), Table::default())].into();
        let refused = errands(&accounts, &runtime).err().unwrap().to_string();
        assert!(refused.starts_with("[accounts.prod]: ") && refused.contains("--features route53"), "{refused}");
    }
}
