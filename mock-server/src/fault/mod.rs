//! Faults: defects that the mock can be told to have, and disturbances between it and its client. They let a client author test the bad
//! day, and the defects prove that the runner's checks bite.
//!
//! A rule is a fault with its limits. The switchboard knows which rules are in force where, and tells what a request meets.

mod armed;
mod catalogue;
mod corrupt;
mod disturbance;
mod leak;
mod meeting;
mod memory;
mod met;
mod misdeed;
mod pattern;
mod rule;
mod span;
mod switchboard;

pub(crate) use armed::ArmedRule;
pub use catalogue::{FaultEntry, fault_catalogue};
pub(crate) use corrupt::{corrupt, corrupt_refusal};
pub use disturbance::Disturbance;
pub(crate) use leak::leak_stored;
pub(crate) use meeting::Meeting;
pub(crate) use memory::Memory;
pub(crate) use met::{Faults, Forced};
pub(crate) use misdeed::{alter_names, created, taken, worsen_page};
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
    /// An answer about one secret holds its value in hexadecimal, in a member that nobody documents.
    LeakInHex "leak-in-hex" "secrecy",
    /// An answer about one secret holds the last eight characters of its value, in a member that nobody documents.
    LeakTail "leak-tail" "secrecy",
    /// A create tells the value of the secret that was deleted last.
    LeakDeleted "leak-deleted" "secrecy",
    /// The mask is as long as the value.
    MaskTellsLength "mask-tells-length" "secrecy",
    /// The mask shows the first and the last characters of the value.
    MaskShowsEnds "mask-shows-ends" "secrecy",
    /// A length that is told of a value is one too many.
    WrongLength "wrong-length" "secrecy",
    /// A value is revealed whatever stands against it.
    IgnoreGuards "ignore-guards" "secrecy",
    /// A refusal to tell what was softly deleted tells it all the same.
    LeakSoftDeleted "leak-soft-deleted" "version",
    /// What was softly deleted is told as before.
    KeepSoftDeleted "keep-soft-deleted" "version",
    /// What is brought back has lost what it held.
    UndeleteLoses "undelete-loses" "version",
    /// What was destroyed can be brought back.
    DestroyKeeps "destroy-keeps" "version",
    /// A write is carried out whichever version it expects.
    IgnoreExpected "ignore-expected" "version",
    /// A write is refused although it expects the latest version.
    RefuseExpected "refuse-expected" "version",
    /// A write gets the number of the version before it, and takes its place.
    ReuseVersion "reuse-version" "version",
    /// Whichever version is asked for, the latest is told.
    LatestForEvery "latest-for-every" "version",
    /// Nobody is asked for credentials.
    SkipAuthentication "skip-authentication" "auth",
    /// Nobody is asked for credentials to delete.
    SkipAuthenticationOnDelete "skip-authentication-on-delete" "auth",
    /// A token that was never issued is taken for the owner's.
    AcceptAnyToken "accept-any-token" "auth",
    /// A token that has expired is as good as ever.
    AcceptExpired "accept-expired" "auth",
    /// The right token is taken behind the name of whatever scheme.
    AcceptAnyScheme "accept-any-scheme" "auth",
    /// A request is looked at before its credentials are.
    AuthenticateLate "authenticate-late" "auth",
    /// Whoever may read may write as well.
    IgnoreRole "ignore-role" "auth",
    /// A 401 does not say how to authenticate.
    NoChallenge "no-challenge" "auth",
    /// A stranger sees what belongs to others.
    ShowToStrangers "show-to-strangers" "isolation",
    /// A list shows the things of every scope.
    ListEverywhere "list-everywhere" "isolation",
    /// A thing is found from every scope.
    FindEverywhere "find-everywhere" "isolation",
    /// A list tells a value from another scope, in a member that nobody documents.
    LeakElsewhere "leak-elsewhere" "isolation",
    /// A name is stored in lower case.
    FoldNames "fold-names" "identity",
    /// No more than ten characters of a name are stored.
    CutNames "cut-names" "identity",
    /// The slug of a name is followed by a digit.
    NumberSlugs "number-slugs" "identity",
    /// Every new thing gets the same id.
    RepeatIds "repeat-ids" "identity",
    /// A list tells other ids than everything else.
    UnstableIds "unstable-ids" "identity",
    /// A create of something that exists makes another one.
    IgnoreConflict "ignore-conflict" "conflict",
    /// A create that is refused as a duplicate replaces what is there all the same.
    RefuseButReplace "refuse-but-replace" "conflict",
    /// A write that should replace a thing is refused.
    RefuseReplace "refuse-replace" "conflict",
    /// A write that replaces a thing gives it a new id.
    RenewId "renew-id" "conflict",
    /// A write that changes a thing moves its time of creation.
    RenewCreated "renew-created" "conflict",
    /// A write that changes a thing leaves its time of change as it was.
    KeepUpdated "keep-updated" "conflict",
    /// The name of a deleted thing stays taken.
    ReserveNames "reserve-names" "conflict",
    /// A create succeeds and stores nothing.
    ForgetCreate "forget-create" "lifecycle",
    /// A delete succeeds and removes nothing.
    KeepDeleted "keep-deleted" "lifecycle",
    /// A delete removes the newest thing of the scope instead of the one that is named.
    DeleteNewest "delete-newest" "lifecycle",
    /// What was deleted comes back when something else is created.
    Resurrect "resurrect" "lifecycle",
    /// What is created again has the fields and the time of creation that the deleted one had.
    ReviveFields "revive-fields" "lifecycle",
    /// A create that is refused as invalid is stored all the same.
    StoreRefused "store-refused" "lifecycle",
    /// An update succeeds and changes nothing.
    IgnoreUpdate "ignore-update" "lifecycle",
    /// An update of one field clears the others.
    ClearOthers "clear-others" "lifecycle",
    /// The first read after a change shows the thing as it was before.
    LagBehind "lag-behind" "lifecycle",
    /// What does not exist is answered with a success.
    InventMissing "invent-missing" "lifecycle",
    /// Of several creates of one name at the same time more than one succeeds.
    RacingCreates "racing-creates" "concurrency",
    /// A write puts back what it had read before another one changed it.
    RacingWrites "racing-writes" "concurrency",
    /// A list leaves out the newest entry.
    OmitNewest "omit-newest" "list",
    /// A list shows its first entry twice.
    RepeatFirst "repeat-first" "list",
    /// A list is in the opposite order.
    ReverseOrder "reverse-order" "list",
    /// A page begins with the last entry of the page before.
    OverlapPages "overlap-pages" "list",
    /// Between two pages an entry is left out.
    SkipBetweenPages "skip-between-pages" "list",
    /// After the last page the first one comes again.
    PagesBeginAgain "pages-begin-again" "list",
    /// A list tells one entry more in all than there are.
    WrongTotal "wrong-total" "list",
    /// A request is carried out however invalid it is.
    AcceptInvalid "accept-invalid" "input",
    /// A request is carried out without what it requires.
    IgnoreRequired "ignore-required" "input",
    /// A value is taken however long, short, large or small it is.
    IgnoreBounds "ignore-bounds" "input",
    /// A value is taken whatever its pattern.
    IgnorePatterns "ignore-patterns" "input",
    /// A value is taken whatever its type, and whether or not it is one of the choices.
    IgnoreTypes "ignore-types" "input",
    /// What should be sealed is taken whether or not the box opens.
    TakeUnsealed "take-unsealed" "input",
    /// A name longer than 12 characters is refused although it is valid.
    RefuseValid "refuse-valid" "input",
    /// An invalid request makes the server fail.
    FailOnInvalid "fail-on-invalid" "status",
    /// A character beyond ASCII makes the server fail.
    FailOnUnicode "fail-on-unicode" "status",
    /// A write that replaces a thing is answered as if it had made it.
    TellAsNew "tell-as-new" "status",
    /// A success has status 207, which nobody documents.
    OddStatus "odd-status" "status",
    /// A refusal has status 418, which nobody documents.
    OddRefusal "odd-refusal" "status",
    /// What does not exist is refused as if the request were a conflict.
    WrongRefusal "wrong-refusal" "status",
    /// The members of a success have types that nobody documents.
    WrongType "wrong-type" "schema",
    /// A success lacks the members that the document requires.
    OmitRequired "omit-required" "schema",
    /// A time is written in words.
    WrongFormat "wrong-format" "schema",
    /// A success is sent as plain text.
    WrongMediaType "wrong-media-type" "http",
    /// A refusal is sent as a page of HTML.
    ErrorAsHtml "error-as-html" "http",
    /// A wrong method is refused without saying which are allowed.
    NoAllow "no-allow" "http",
    /// A wrong method is carried out as if it were the right one.
    AcceptAnyMethod "accept-any-method" "http",
    /// A HEAD finds nothing where a GET does.
    HeadDiffers "head-differs" "http",
    /// A refusal has a body of a form that nobody documents.
    OddError "odd-error" "error",
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
