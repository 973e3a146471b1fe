//! Which entries of the journal are asked for.

use specs::wire::pairs;

use super::ReceivedRequest;

/// The names that a filter may have.
const NAMES: &str = "method, path, operation, status, caller, since, limit";

/// A choice of entries; what is not said does not matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    method: Option<String>,
    path: Option<String>,
    operation: Option<String>,
    status: Option<String>,
    caller: Option<String>,
    since: u64,
    limit: Option<usize>,
}

/// Why a choice cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilterError {
    /// There is no such filter.
    #[error("the journal has no such filter; the filters are {NAMES}")]
    Unknown,
    /// It must be a number.
    #[error("`{0}` must be a whole number")]
    NotANumber(&'static str),
    /// It must be a status.
    #[error("`status` must be a status such as 404, or a class such as 4xx")]
    NotAStatus,
}

impl Filter {
    /// Reads a query.
    pub(crate) fn read(query: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for (name, value) in pairs(query) {
            match name.as_str() {
                "method" => filter.method = Some(value),
                "path" => filter.path = Some(value),
                "operation" => filter.operation = Some(value),
                "caller" => filter.caller = Some(value),
                "status" if is_status(&value) => filter.status = Some(value.to_ascii_lowercase()),
                "status" => return Err(FilterError::NotAStatus),
                "since" => filter.since = value.parse().map_err(|_| FilterError::NotANumber("since"))?,
                "limit" => filter.limit = Some(value.parse().map_err(|_| FilterError::NotANumber("limit"))?),
                _ => return Err(FilterError::Unknown),
            }
        }
        Ok(filter)
    }

    /// At most so many entries are wanted, the newest of them.
    pub(crate) const fn limit(&self) -> Option<usize> {
        self.limit
    }

    /// Whether an entry is asked for.
    pub(crate) fn fits(&self, entry: &ReceivedRequest) -> bool {
        let operation = |wanted: &String| entry.operation.as_ref() == Some(wanted) || entry.operation_id.as_ref() == Some(wanted);
        entry.sequence > self.since
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(&entry.method))
            && self.path.as_ref().is_none_or(|wanted| fits_glob(wanted, &entry.path))
            && self.operation.as_ref().is_none_or(operation)
            && self.status.as_ref().is_none_or(|wanted| is_of_status(wanted, entry.status))
            && self.caller.as_ref().is_none_or(|wanted| entry.caller.as_ref() == Some(wanted))
    }
}

fn is_status(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    bytes.len() == 3 && bytes[0].is_ascii_digit() && (digits(&bytes[1..]) || bytes[1..].eq_ignore_ascii_case(b"xx"))
}

fn is_of_status(wanted: &str, status: u16) -> bool {
    wanted.strip_suffix("xx").map_or_else(|| wanted == status.to_string(), |class| class == (status / 100).to_string())
}

/// `*` stands for any run of characters.
fn fits_glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_whole_paths() {
        for (pattern, text, fits) in [
            ("/v1/apps/1/secrets", "/v1/apps/1/secrets", true),
            ("/v1/apps/1", "/v1/apps/1/secrets", false),
            ("/v1/*/secrets", "/v1/apps/1/secrets", true),
            ("*/secrets/*", "/v1/apps/1/secrets/KEY", true),
            ("*/secrets/*/x", "/v1/apps/1/secrets/KEY", false),
            ("*", "", true),
            ("/a*a", "/a", false),
        ] {
            assert_eq!(fits_glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn filters_are_read_or_refused_and_unknown_ones_are_not_repeated() {
        let filter = Filter::read("method=delete&status=2XX&since=3").expect("a filter");
        let entry = ReceivedRequest { sequence: 4, method: "DELETE".to_owned(), status: 204, ..ReceivedRequest::default() };
        assert!(filter.fits(&entry) && !filter.fits(&ReceivedRequest { sequence: 3, ..entry.clone() }));
        assert!(!filter.fits(&ReceivedRequest { status: 404, ..entry }));
        for wrong in ["status=20", "status=2x4", "since=x", "limit=-1", "hush=1"] {
            let error = Filter::read(wrong).expect_err(wrong).to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
