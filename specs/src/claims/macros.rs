//! The macro that keeps a vocabulary in one place: the struct, its keys, its reader and its listing cannot disagree.

/// Declares a struct of optional claims, one per key of an `x-lockstep-` block.
macro_rules! vocabulary {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $key:literal $field:ident: $type:ty,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: Option<$crate::claims::Claim<$type>>,)*
        }

        impl $name {
            /// Every key with what it promises.
            pub const KEYS: &'static [(&'static str, &'static str)] = &[$(($key, concat!($($doc),*))),*];

            /// Sets the claim `key` from its value in an overlay; `None` when there is no such key.
            pub(crate) fn set(&mut self, key: &str, value: serde_json::Value) -> Option<Result<(), serde_json::Error>> {
                match key {
                    $($key => Some(serde_json::from_value(value).map(|claim| self.$field = Some(claim))),)*
                    _ => None,
                }
            }

            /// Every claim that is made, with its value as JSON.
            pub(crate) fn listed(&self) -> Vec<(&'static str, $crate::claims::Claim<serde_json::Value>)> {
                let mut listed = Vec::new();
                $(if let Some(claim) = &self.$field {
                    let json = |value: &$type| serde_json::to_value(value).expect("a claim's value is plain data");
                    listed.push(($key, claim.map(json)));
                })*
                listed
            }
        }
    };
}

pub(super) use vocabulary;
