//! The document: judged before any request, and without one.

use crate::checks::document::LAWS;
use crate::session::Session;

/// Judges what the document says of each operation.
pub(crate) fn judge(session: &mut Session<'_>) {
    let contract = session.contract;
    for endpoint in &contract.endpoints {
        for law in LAWS.iter().filter(|law| session.options.wants(&law.check)) {
            session.record(&law.check, endpoint, (law.judge)(contract, endpoint));
        }
    }
}
