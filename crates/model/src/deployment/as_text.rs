//! Names and record types as texts in stored and shown JSON. For `#[serde(with = …)]`.

use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// What a text is read back as.
pub(crate) trait AsText: Display + Sized {
    fn read(text: &str) -> Result<Self, String>;
}

impl AsText for crate::Name {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl AsText for crate::RecordType {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

pub(crate) fn serialize<T: AsText, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) fn deserialize<'de, T: AsText, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// The same for a list.
pub(crate) mod list {
    use super::{AsText, Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<T: AsText, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(ToString::to_string))
    }

    pub(crate) fn deserialize<'de, T: AsText, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| T::read(text).map_err(D::Error::custom)).collect()
    }
}

/// The same for values by their record types.
pub(crate) mod values {
    use std::collections::BTreeMap;

    use super::{AsText, Deserialize, Deserializer, Error, Serializer};
    use crate::RecordType;

    pub(crate) fn serialize<S: Serializer>(
        values: &BTreeMap<RecordType, Vec<String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(values.iter().map(|(record_type, values)| (record_type.to_string(), values)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<RecordType, Vec<String>>, D::Error> {
        let texts = BTreeMap::<String, Vec<String>>::deserialize(deserializer)?;
        let read =
            |(text, values): (String, Vec<String>)| Ok((RecordType::read(&text).map_err(D::Error::custom)?, values));
        texts.into_iter().map(read).collect()
    }
}
