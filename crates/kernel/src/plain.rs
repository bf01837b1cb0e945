//! How the types of this crate travel as text: each is written by its `Display` and read by its `FromStr`, in JSON, in
//! TOML and in the ledger alike. One macro, so that no type can be written one way and read another.

/// Implements serde for a type by its `Display` and `FromStr`.
macro_rules! as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Implements `Display` for a fault by its English message.
macro_rules! fault_in_english {
    ($type:ty) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.message($crate::Lang::En))
            }
        }

        impl std::error::Error for $type {}
    };
}

pub(crate) use {as_text, fault_in_english};
