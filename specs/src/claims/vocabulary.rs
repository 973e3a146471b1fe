//! The vocabulary: every key that an `x-lockstep-` block may have, by the thing it is said of.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::macros::vocabulary;
use super::values::{
    Blind, Combine, Command, Conflict, FieldPath, ForeignLook, Form, Guard, Holds, IdFormat, Idempotency, Identity, JsonPatch, JsonReading,
    Letters, Missing, Order, Paging, ParameterCredentials, RateLimit, Sealed, SignedToken, Source, Stage, TimeFormat, Verb, Versions,
    Visibility, Way,
};
use crate::document::Pointer;

vocabulary! {
    /// What is promised of a resource: a member of `x-lockstep-resources`.
    ResourcePromises {
        /// The resource that encloses it.
        "parent" parent: String,
        /// The field that names it in paths, and who decides it.
        "identity" identity: Identity,
        /// The field that holds an id of the server's own, where another field names the thing in paths.
        "id" id: String,
        /// The form of ids that the server issues.
        "id-format" id_format: IdFormat,
        /// The field that is unique within the scope.
        "key" key: String,
        /// What a create does when the key is there already.
        "conflict" conflict: Conflict,
        /// The order of lists.
        "order" order: Order,
        /// The fields that hold what must not leak.
        "secret" secret: Vec<FieldPath>,
        /// The text that stands for a secret.
        "mask" mask: String,
        /// A pattern that every mask matches.
        "mask-pattern" mask_pattern: String,
        /// The field that holds the time of creation.
        "created" created: String,
        /// The field that holds the time of the last change.
        "updated" updated: String,
        /// How times are written.
        "time-format" time_format: TimeFormat,
        /// What deleting does when nothing is there.
        "delete-missing" delete_missing: Missing,
        /// Fields whose members an update merges one by one instead of replacing the whole.
        "merge" merge: Vec<String>,
        /// Fields that an update refuses to be sent.
        "read-only" read_only: Vec<String>,
        /// Conditions under which the value is not revealed.
        "guards" guards: Vec<Guard>,
        /// That writes make versions.
        "versions" versions: Versions,
        /// The resource to which this one, a relation, leads; it can be read before it is stored.
        "relates-to" relates_to: String,
        /// The field of enclosed relations' targets that a read shows beside this resource's own field.
        "inherits" inherits: Inherits,
    }
}

/// A field that a read completes from what the thing's relations lead to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inherits {
    /// The field that is completed.
    pub into: FieldPath,
    /// The relation below this resource.
    pub relation: String,
    /// The field of the relation's target that holds what is inherited.
    pub from: String,
    /// The part of it that is inherited; all of it if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Selection>,
}

/// Which members are inherited, and under which names.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The relation's field that lists the members, one object each; where it is absent, all are inherited.
    pub list: String,
    /// The member of such an object that names what is inherited.
    pub name: String,
    /// The member of such an object that lists further names for it.
    pub aliases: String,
}

vocabulary! {
    /// What is promised of a field: a member of `fields` in a resource's block.
    FieldPromises {
        /// Where its value comes from.
        "source" source: Source,
        /// How much of it each verb's answer shows; `any` stands for the verbs not named.
        "visibility" visibility: BTreeMap<String, Visibility>,
        /// Its value when nobody gives one.
        "default" default: Value,
        /// Longer text is cut to this many characters.
        "truncate" truncate: usize,
        /// Once it has this value, it keeps it.
        "latch" latch: Value,
        /// The resource whose identity it holds.
        "refers-to" refers_to: String,
        /// The case in which its letters are kept, whatever the client states; texts that differ in case alone are the same.
        "letters" letters: Letters,
        /// How it travels sealed: what is stored is what was in the box.
        "sealed" sealed: Sealed,
    }
}

vocabulary! {
    /// What is promised of an operation: its `x-lockstep-operation`.
    OperationPromises {
        /// The resource it acts on.
        "resource" resource: String,
        /// What it does.
        "verb" verb: Verb,
        /// The status of a success.
        "success" success: u16,
        /// The status of a success that has replaced what was there, where it is another one.
        "replaced" replaced: u16,
        /// Where in the answer's body the thing or the list of things stands.
        "answer" answer: Pointer,
        /// Places in the answer that hold a field of the thing which is not called so there.
        "shows" shows: BTreeMap<Pointer, String>,
        /// The field of which each entry of its list is the text, where the entries are no objects.
        "entries" entries: String,
        /// What stands between folders in that field: a list shows what lies in one of them, and the folders in it with this at their end.
        "folders" folders: String,
        /// What a list does where there is nothing to show.
        "empty-list" empty_list: Missing,
        /// Whether an update makes the thing where nothing is there.
        "makes-missing" makes_missing: bool,
        /// Parameters of the path that may hold slashes, so that they span several segments.
        "spans" spans: Vec<String>,
        /// Further ways in which it is called.
        "reached-by" reached_by: Vec<Way>,
        /// The permission that a caller needs.
        "permission" permission: String,
        /// That its body is a list of changes, a JSON Patch (RFC 6902), and what such a list may say beyond it.
        "json-patch" json_patch: JsonPatch,
        /// How its list comes in pages.
        "paging" paging: Paging,
        /// Groups of parameters of which exactly one must be given.
        "one-of" one_of: Vec<Vec<String>>,
        /// Fields of the enclosing thing by which the operation knows it too.
        "scope-known-by" scope_known_by: Vec<String>,
        /// What the operation does not look at, although its path or its credentials name it.
        "blind-to" blind_to: Vec<Blind>,
        /// What it does when the enclosing thing does not exist.
        "missing-scope" missing_scope: Missing,
        /// Whether its list shows what the caller may not touch as well.
        "lists-foreign" lists_foreign: bool,
        /// Members of its answer that list the identities of the things which the caller may see, with the resource of each.
        "tells-seen" tells_seen: BTreeMap<String, String>,
    }
}

vocabulary! {
    /// What is promised of access: members of `x-lockstep-access`.
    AccessPromises {
        /// Whether alternatives in `security` are all needed.
        "combine" combine: Combine,
        /// The schemes that protect operations for which the document declares none.
        "security" security: Vec<String>,
        /// What each scheme's credential is.
        "holds" holds: BTreeMap<String, Holds>,
        /// Whether the name of a scheme in front of a token must be written exactly, with one space; RFC 9110 has it in any case.
        "exact-scheme" exact_scheme: bool,
        /// Parameters of the query in which a scheme's credential may travel too.
        "in-query" in_query: BTreeMap<String, String>,
        /// A header in which a caller may name the tenant for which it acts, if it acts for several.
        "tenant-header" tenant_header: String,
        /// What an issued token says, as a JSON Web Token (RFC 7519) signed with HS256.
        "issued-claims" issued_claims: Map<String, Value>,
        /// Whether a caller may sign its own tokens: a well-formed, unexpired JWT is then the owner's.
        "self-signed" self_signed: bool,
        /// The longest life of such a token, in seconds.
        "longest-life" longest_life: i64,
        /// What such a token must have to be well-formed.
        "signed-token" signed_token: SignedToken,
        /// The parameters that may carry credentials where the request has none elsewhere.
        "parameters" parameters: ParameterCredentials,
        /// The permissions of each role.
        "roles" roles: BTreeMap<String, Vec<String>>,
        /// How things of somebody else look.
        "foreign" foreign: ForeignLook,
    }
}

vocabulary! {
    /// What is promised of the wire: members of `x-lockstep-wire`.
    WirePromises {
        /// The ways in which query parameters may travel.
        "forms" forms: Vec<Form>,
        /// Operations can also be called by name at one path.
        "command" command: Command,
        /// Methods by which every operation can also be called.
        "methods" methods: Vec<String>,
        /// Whether a trailing slash changes nothing.
        "trailing-slash" trailing_slash: bool,
        /// The status with which a path that has one slash too many leads to the one without, by method; `any` stands for the others.
        "slash-redirect" slash_redirect: BTreeMap<String, u16>,
        /// How JSON is read, where more is let pass than RFC 8259 has.
        "json-reading" json_reading: JsonReading,
        /// Characters that JSON is written without: each is escaped.
        "json-escapes" json_escapes: String,
        /// How media types are written, where they have parameters.
        "media-types" media_types: BTreeMap<String, String>,
        /// A successful status with a body that has this member is a refusal.
        "rejection" rejection: Pointer,
        /// The body of a refusal, as a template.
        "problem-body" problem_body: Value,
        /// Places in the body of a success that hold something of the request itself, as templates.
        "stamps" stamps: BTreeMap<Pointer, String>,
        /// Requests that may be repeated safely.
        "idempotency" idempotency: Idempotency,
        /// The order in which a request can be refused.
        "stages" stages: Vec<Stage>,
        /// Headers on every answer.
        "headers" headers: BTreeMap<String, String>,
        /// How often a caller may ask, and the headers that tell how often it still may.
        "rate-limit" rate_limit: RateLimit,
        /// The largest body, in bytes.
        "largest-body" largest_body: usize,
        /// What an empty body stands for where its media type is JSON.
        "empty-body" empty_body: Value,
        /// Media types whose bodies are read as one text, whatever the operation declares.
        "text-bodies" text_bodies: Vec<String>,
    }
}
