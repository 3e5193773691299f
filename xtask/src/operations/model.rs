//! The service model as AWS publishes it (`service-2.json`): only the parts that decide what is on the wire.
//!
//! Before: the command reads the file. After: [`super::differs`] makes our exceptions.
//! Left out on purpose: documentation, error shapes and endpoint rules. Nothing of AWS's prose is copied.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// A whole service.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

/// What all operations share.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) protocol: String,
    pub(crate) uid: String,
}

/// One operation.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: Http,
    pub(crate) input: Body,
    pub(crate) output: Body,
}

/// Where an operation is reached.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    #[serde(default = "success")]
    pub(crate) response_code: u16,
}

fn success() -> u16 {
    200
}

/// The shape of a request or a response; `location_name` is the root element of a request that has a body.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    pub(crate) shape: String,
    pub(crate) location_name: Option<String>,
}

/// A type of the model.
#[derive(Debug, serde::Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Shape {
    Structure {
        members: Ordered<Member>,
        #[serde(default)]
        required: Vec<String>,
    },
    List {
        member: Member,
        min: Option<usize>,
        max: Option<usize>,
    },
    String {
        min: Option<usize>,
        max: Option<usize>,
        pattern: Option<String>,
        #[serde(rename = "enum")]
        choices: Option<Vec<String>>,
    },
    #[serde(alias = "long")]
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Boolean {},
    Double {},
    Timestamp {},
}

/// A member of a structure, or what a list holds.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) shape: String,
    pub(crate) location: Option<Location>,
    pub(crate) location_name: Option<String>,
}

/// Where a member travels when it is not in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Location {
    Uri,
    Querystring,
    Header,
}

/// Members of a structure by name.
pub(crate) type Members = [(String, Member)];

/// A JSON object in the order of the file: members of a structure go on the wire in that order.
#[derive(Debug)]
pub(crate) struct Ordered<T>(pub(crate) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
            type Value = Ordered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Ordered(pairs))
            }
        }
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

impl Model {
    /// Reads a model, packed with gzip (as botocore ships it) or plain, and makes our exceptions.
    pub(crate) fn open(path: &Path) -> Result<Model> {
        let mut bytes = std::fs::read(path).with_context(|| format!("cannot read the model: {}", path.display()))?;
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain).context("the model is not whole gzip")?;
            bytes = plain;
        }
        let mut model: Model = serde_json::from_slice(&bytes).context("the file is not a service model")?;
        anyhow::ensure!(model.metadata.protocol == "rest-xml", "not a rest-xml model: {}", model.metadata.protocol);
        super::differs::apply(&mut model)?;
        Ok(model)
    }

    /// The shape of that name; a model that names a shape it does not hold is refused.
    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).with_context(|| format!("the model has no shape named {name}"))
    }

    /// Members and required names of a structure.
    pub(crate) fn structure(&self, name: &str) -> Result<(&Members, &[String])> {
        match self.shape(name)? {
            Shape::Structure { members, required } => Ok((&members.0, required)),
            other => anyhow::bail!("{name} should be a structure, and is {other:?}"),
        }
    }
}
