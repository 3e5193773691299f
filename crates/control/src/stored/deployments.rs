//! Services and deployments as stored: JSON under a tag that names the form, such as `{"service.v1": …}`.
//!
//! JSON because these are few, large and of many shapes, and because somebody who repairs a store by hand must be able
//! to read what a release was doing. The form of deployments is `deploy::stored`'s.

use std::collections::BTreeMap;

use model::deployment::{Analysis, Deployment, Freeze, Measured, Notice, Service};
use model::id::DeploymentId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Stored, StoredFault};
use crate::deployments::CreatedUnder;
use crate::deployments::rows::MeasuredSince;
use crate::notices::{Hears, Receivers, Waiting};
use crate::services::DeclaredService;

#[derive(Serialize, Deserialize)]
enum ServiceForm {
    #[serde(rename = "service.v1")]
    V1 { revision: u64, service: Service },
}

#[derive(Serialize, Deserialize)]
enum CreatedUnderForm {
    #[serde(rename = "created-under.v1")]
    V1 { deployment: DeploymentId, request_sha256: String },
}

#[derive(Serialize, Deserialize)]
enum MeasuredForm {
    #[serde(rename = "measured.v1")]
    V1 { revision: u64, analysis: Analysis },
}

#[derive(Serialize, Deserialize)]
enum FreezeForm {
    #[serde(rename = "freeze.v1")]
    V1(Freeze),
}

impl Stored for Freeze {
    fn encode(&self) -> Vec<u8> {
        write(&FreezeForm::V1(self.clone()))
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let FreezeForm::V1(freeze) = read(bytes)?;
        Ok(freeze)
    }
}

#[derive(Serialize, Deserialize)]
enum MeasurementForm {
    #[serde(rename = "measurement.v1")]
    V1(Measured),
}

#[derive(Serialize, Deserialize)]
enum NoticeForm {
    #[serde(rename = "notice.v1")]
    V1 { receiver: String, notice: Box<Notice>, tries: u32, due_ms: u64, is_reminder: bool },
}

#[derive(Serialize, Deserialize)]
enum ReceiversForm {
    #[serde(rename = "notice-receivers.v1")]
    V1(BTreeMap<String, Hears>),
}

impl Stored for Waiting {
    fn encode(&self) -> Vec<u8> {
        let Self { receiver, notice, tries, due_ms, is_reminder } = self.clone();
        write(&NoticeForm::V1 { receiver, notice: Box::new(notice), tries, due_ms, is_reminder })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let NoticeForm::V1 { receiver, notice, tries, due_ms, is_reminder } = read(bytes)?;
        Ok(Self { receiver, notice: *notice, tries, due_ms, is_reminder })
    }
}

impl Stored for Receivers {
    fn encode(&self) -> Vec<u8> {
        let Self(receivers) = self.clone();
        write(&ReceiversForm::V1(receivers))
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let ReceiversForm::V1(receivers) = read(bytes)?;
        Ok(Self(receivers))
    }
}

impl Stored for DeclaredService {
    fn encode(&self) -> Vec<u8> {
        let Self { revision, service } = self.clone();
        write(&ServiceForm::V1 { revision, service })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let ServiceForm::V1 { revision, service } = read(bytes)?;
        Ok(Self { revision, service })
    }
}

impl Stored for Deployment {
    fn encode(&self) -> Vec<u8> {
        deploy::stored::write(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        deploy::stored::read(bytes).map_err(|fault| {
            let cause = std::error::Error::source(&fault).map(|cause| format!(": {cause}")).unwrap_or_default();
            StoredFault::Json(format!("{fault}{cause}"))
        })
    }
}

impl Stored for CreatedUnder {
    fn encode(&self) -> Vec<u8> {
        let Self { deployment, request_sha256 } = self.clone();
        write(&CreatedUnderForm::V1 { deployment, request_sha256 })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let CreatedUnderForm::V1 { deployment, request_sha256 } = read(bytes)?;
        Ok(Self { deployment, request_sha256 })
    }
}

impl Stored for MeasuredSince {
    fn encode(&self) -> Vec<u8> {
        let Self { revision, analysis } = self.clone();
        write(&MeasuredForm::V1 { revision, analysis })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let MeasuredForm::V1 { revision, analysis } = read(bytes)?;
        Ok(Self { revision, analysis })
    }
}

impl Stored for Measured {
    fn encode(&self) -> Vec<u8> {
        write(&MeasurementForm::V1(self.clone()))
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let MeasurementForm::V1(measured) = read(bytes)?;
        Ok(measured)
    }
}

fn write(form: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(form).expect("nouns of the model are representable in JSON")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoredFault> {
    serde_json::from_slice(bytes).map_err(|fault| StoredFault::Json(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What version 1 wrote; every later build must read it.
    #[test]
    fn stored_forms_stay() {
        let service = r#"{"service.v1":{"revision":41,"service":{"name":"shop","environments":{"blue":{"version":"1.9","set_identifiers":["b"]},"green":{"version":"2.0","set_identifiers":["g"],"health_check":"h1"}},"active":"blue","traffic":[{"dns":{"zone":"Z1","name":"shop.example.com.","types":["A","AAAA"]}}]}}}"#;
        let read = DeclaredService::decode(service.as_bytes()).unwrap();
        assert_eq!((read.revision, read.service.record_set_keys().len()), (41, 4));
        assert_eq!(String::from_utf8(read.encode()).unwrap(), service);
        let under = r#"{"created-under.v1":{"deployment":"01HF7YAT00","request_sha256":"00ff"}}"#;
        assert_eq!(String::from_utf8(CreatedUnder::decode(under.as_bytes()).unwrap().encode()).unwrap(), under);
        let measured = r#"{"measured.v1":{"revision":9,"analysis":{"runs":1,"step":null,"background":null}}}"#;
        assert_eq!(String::from_utf8(MeasuredSince::decode(measured.as_bytes()).unwrap().encode()).unwrap(), measured);
        let freeze = r#"{"freeze.v1":{"name":"year-end","services":["shop"],"when":["2026-12-23T00:00/2027-01-04T07:00 Europe/Prague"],"reason":"holidays"}}"#;
        assert_eq!(String::from_utf8(Freeze::decode(freeze.as_bytes()).unwrap().encode()).unwrap(), freeze);
        let notice = r#"{"notice.v1":{"receiver":"ops","notice":{"key":"01HF7YAT00/notice/7/paused","deployment":"01HF7YAT00","service":"shop","event":"paused","number":9,"at_ms":1700000000000,"phase":"Progressing","step":2,"from":{"environment":"blue","version":"1.9"},"to":{"environment":"green","version":"2.0"},"weights":[],"text":"paused by bob"},"tries":1,"due_ms":1700000010000,"is_reminder":false}}"#;
        assert_eq!(String::from_utf8(Waiting::decode(notice.as_bytes()).unwrap().encode()).unwrap(), notice);
        let receivers = r#"{"notice-receivers.v1":{"desk":{"services":["shop"],"events":["paused"]},"ops":{"services":null,"events":[]}}}"#;
        assert_eq!(String::from_utf8(Receivers::decode(receivers.as_bytes()).unwrap().encode()).unwrap(), receivers);
        assert!(matches!(DeclaredService::decode(b"{\"service.v2\":{}}"), Err(StoredFault::Json(_))));
        assert!(matches!(Deployment::decode(b"{\"deployment.v9\":{}}"), Err(StoredFault::Json(_))));
    }
}
