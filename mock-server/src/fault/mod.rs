//! Faults: defects that the mock can be told to have. They let a client author test the bad day, and they prove that the runner's
//! checks bite.

mod corrupt;

use std::collections::BTreeSet;

pub(crate) use corrupt::corrupt;

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal $family:literal,)*) => {
        /// One defect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name by which it is asked for.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The family of checks that should catch it.
            #[must_use]
            pub const fn family(self) -> &'static str {
                match self { $(Self::$variant => $family),* }
            }

            /// What is wrong with a server that has it.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*)),* }.trim()
            }
        }
    };
}

faults! {
    /// A list shows the plaintext of every secret.
    LeakInList "leak-in-list" "secrecy",
    /// Answers about one secret show its plaintext although they should not.
    LeakInAnswer "leak-in-answer" "secrecy",
    /// A refusal repeats the value that was sent.
    LeakInError "leak-in-error" "secrecy",
    /// A response header holds the value that was sent, in base64.
    LeakInHeader "leak-in-header" "secrecy",
    /// The mask is as long as the value.
    MaskTellsLength "mask-tells-length" "secrecy",
    /// Nobody is asked for credentials.
    SkipAuthentication "skip-authentication" "auth",
    /// A token that was never issued is taken for the owner's.
    AcceptAnyToken "accept-any-token" "auth",
    /// A create of something that exists makes another one.
    IgnoreConflict "ignore-conflict" "conflict",
    /// A create that is refused as a duplicate replaces what is there all the same.
    RefuseButReplace "refuse-but-replace" "conflict",
    /// A create succeeds and stores nothing.
    ForgetCreate "forget-create" "lifecycle",
    /// A delete succeeds and removes nothing.
    KeepDeleted "keep-deleted" "lifecycle",
    /// An update succeeds and changes nothing.
    IgnoreUpdate "ignore-update" "lifecycle",
    /// What does not exist is answered with a success.
    InventMissing "invent-missing" "lifecycle",
    /// A list leaves out the newest entry.
    OmitNewest "omit-newest" "list",
    /// A list shows its first entry twice.
    RepeatFirst "repeat-first" "list",
    /// A list is in the opposite order.
    ReverseOrder "reverse-order" "list",
    /// A request is carried out however invalid it is.
    AcceptInvalid "accept-invalid" "input",
    /// A name longer than 12 characters is refused although it is valid.
    RefuseValid "refuse-valid" "input",
    /// An invalid request makes the server fail.
    FailOnInvalid "fail-on-invalid" "status",
    /// A success has status 207, which nobody documents.
    OddStatus "odd-status" "status",
    /// The members of a success have types that nobody documents.
    WrongType "wrong-type" "schema",
    /// A success is sent as plain text.
    WrongMediaType "wrong-media-type" "http",
    /// A wrong method is refused without saying which are allowed.
    NoAllow "no-allow" "http",
    /// A refusal has a body of a form that nobody documents.
    OddError "odd-error" "error",
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// No fault has this name.
#[derive(Debug, thiserror::Error)]
#[error("no fault is called `{name}`{}; the faults are: {}", near.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default(), names())]
pub struct UnknownFault {
    name: String,
    near: Option<String>,
}

fn names() -> String {
    Fault::ALL.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ")
}

impl std::str::FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let found = Self::ALL.iter().find(|fault| fault.name() == name).copied();
        found.ok_or_else(|| {
            let near = specs::document::nearest(name, Self::ALL.iter().map(|fault| fault.name()));
            UnknownFault { name: name.to_owned(), near }
        })
    }
}

/// The faults that a server has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(BTreeSet<Fault>);

impl Faults {
    pub(crate) fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self(faults.into_iter().collect())
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Fault> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_near_names_are_offered() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse::<Fault>().expect("its own name"), *fault);
        }
        let error = "leak-in-lst".parse::<Fault>().expect_err("no such fault").to_string();
        assert!(error.contains("did you mean `leak-in-list`?"), "{error}");
    }
}
