//! Faults: defects that the mock can be told to have, and disturbances between it and its client. They let a client author test the bad
//! day, and the defects prove that the runner's checks bite.
//!
//! A rule is a fault with its limits. The switchboard knows which rules are in force where, and tells what a request meets.

mod armed;
mod catalogue;
mod corrupt;
mod disturbance;
mod met;
mod pattern;
mod rule;
mod span;
mod switchboard;

pub(crate) use armed::ArmedRule;
pub use catalogue::{FaultEntry, fault_catalogue};
pub(crate) use corrupt::corrupt;
pub use disturbance::Disturbance;
pub(crate) use met::{Faults, Forced};
pub(crate) use rule::RuleText;
pub use rule::{Rule, RuleError};
pub(crate) use switchboard::{Switchboard, check, documented};

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
