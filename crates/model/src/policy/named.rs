//! Policies that have a name here: everything, all reading, and answers to ACME's DNS challenge.

use super::Policy;
use crate::Name;
use crate::id::HostedZoneId;

/// May do everything that keys can do.
pub const FULL_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {"Sid": "Everything", "Effect": "Allow", "Action": ["route53:*", "cutover:*"], "Resource": "*"}
}"#;

/// May see zones, record sets, health checks and deployments; keys and the audit log are not among them.
pub const READ_ONLY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": [
      "route53:Get*", "route53:List*", "route53:TestDNSAnswer",
      "cutover:ListZones", "cutover:ExportZone", "cutover:ListZoneHistory", "cutover:ShowZoneRevision",
      "cutover:DiffZone", "cutover:PlanZone*", "cutover:ListStickiness",
      "cutover:Explain", "cutover:Simulate", "cutover:ListServices", "cutover:ShowService", "cutover:PlanDeployment",
      "cutover:ListDeployments", "cutover:ShowDeployment*", "cutover:ShowOpenApi", "cutover:ShowSchema",
      "cutover:ListFreezes", "cutover:ShowFreeze"
    ],
    "Resource": "*"
  }
}"#;

/// The document of a policy that may answer DNS-01 challenges (RFC 8555 §8.4) for a name and all names below it, in one
/// zone, and do what certificate clients do on the way there: find the zone, see its record sets, wait for the change.
#[must_use]
pub fn acme(name: &Name, zone: &HostedZoneId) -> String {
    let name = normalized(name).replace('\\', "\\\\");
    format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "Challenge",
      "Effect": "Allow",
      "Action": "route53:ChangeResourceRecordSets",
      "Resource": "arn:aws:route53:::hostedzone/{zone}",
      "Condition": {{
        "ForAllValues:StringLike": {{
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.{name}", "_acme-challenge.*.{name}"]
        }},
        "ForAllValues:StringEquals": {{
          "route53:ChangeResourceRecordSetsRecordTypes": "TXT",
          "route53:ChangeResourceRecordSetsActions": ["CREATE", "UPSERT", "DELETE"]
        }}
      }}
    }},
    {{
      "Sid": "Zone",
      "Effect": "Allow",
      "Action": ["route53:GetHostedZone", "route53:ListResourceRecordSets"],
      "Resource": "arn:aws:route53:::hostedzone/{zone}"
    }},
    {{
      "Sid": "Find",
      "Effect": "Allow",
      "Action": ["route53:ListHostedZones", "route53:ListHostedZonesByName"],
      "Resource": "*"
    }},
    {{"Sid": "Wait", "Effect": "Allow", "Action": "route53:GetChange", "Resource": "arn:aws:route53:::change/*"}}
  ]
}}"#
    )
}

/// A name as `route53:ChangeResourceRecordSetsNormalizedRecordNames` holds it.
///
/// ```
/// let name = model::Name::parse("*.Example.com.").unwrap();
/// assert_eq!(model::policy::named::normalized(&name), "\\052.example.com");
/// ```
#[must_use]
pub fn normalized(name: &Name) -> String {
    let mut text = name.to_string();
    if text.len() > 1 {
        text.pop();
    }
    text
}

/// The policy of a name, if there is one of that name: `full-access` or `read-only`.
#[must_use]
pub fn find(name: &str) -> Option<Policy> {
    let document = match name {
        "full-access" => FULL_ACCESS,
        "read-only" => READ_ONLY,
        _ => return None,
    };
    Some(Policy::parse(document).expect("our own policies are policies"))
}
