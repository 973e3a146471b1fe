//! Form bodies: `application/x-www-form-urlencoded` and `multipart/form-data` (RFC 7578).

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream;
use percent_encoding::percent_decode_str;

use super::exchange::Request;

/// Why a form body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The multipart body is not well-formed.
    #[error("the multipart body is not well-formed")]
    Multipart,
    /// A value is not UTF-8.
    #[error("a value is not UTF-8")]
    NotUtf8,
}

/// The pairs of a query or of an urlencoded body, decoded; `+` is a space (WHATWG URL, section 5.1).
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let split =
        |pair: &str| pair.split_once('=').map_or_else(|| (decode(pair), String::new()), |(name, value)| (decode(name), decode(value)));
    text.split('&').filter(|pair| !pair.is_empty()).map(split).collect()
}

/// The pairs of a request's form body; none if it has no form body or it cannot be read.
#[must_use]
pub fn form_pairs(request: &Request) -> Vec<(String, String)> {
    let read = body_pairs(request.header("content-type").unwrap_or_default(), &request.body);
    read.and_then(Result::ok).unwrap_or_default()
}

/// The pairs of a form body of this content type; `None` if it is no form.
pub(super) fn body_pairs(content_type: &str, body: &Bytes) -> Option<Result<Vec<(String, String)>, FormError>> {
    match crate::contract::essence(content_type).as_str() {
        "application/x-www-form-urlencoded" => Some(std::str::from_utf8(body).map(pairs).map_err(|_| FormError::NotUtf8)),
        "multipart/form-data" => Some(multipart(content_type, body)),
        _ => None,
    }
}

fn multipart(content_type: &str, body: &Bytes) -> Result<Vec<(String, String)>, FormError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| FormError::Multipart)?;
    let whole = stream::once(std::future::ready(Ok::<Bytes, std::convert::Infallible>(body.clone())));
    let mut parts = multer::Multipart::new(whole, boundary);
    let read = async {
        let mut pairs = Vec::new();
        while let Some(field) = parts.next_field().await.map_err(|_| FormError::Multipart)? {
            let name = field.name().unwrap_or_default().to_owned();
            let value = field.bytes().await.map_err(|_| FormError::Multipart)?;
            let value = String::from_utf8(value.to_vec()).map_err(|_| FormError::NotUtf8)?;
            pairs.push((name, value));
        }
        Ok(pairs)
    };
    // The whole body is in memory, so the stream is never pending.
    read.now_or_never().unwrap_or(Err(FormError::Multipart))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> Option<Result<Vec<(String, String)>, FormError>> {
        body_pairs(content_type, &Bytes::copy_from_slice(body.as_bytes()))
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn both_kinds_of_form_are_read() {
        let expected = Some(Ok(vec![pair("cmd", "AddSecret"), pair("v", "a b&c=é")]));
        assert_eq!(read("application/x-www-form-urlencoded; charset=utf-8", "cmd=AddSecret&v=a+b%26c%3D%C3%A9"), expected);
        let body = "--x\r\nContent-Disposition: form-data; name=\"cmd\"\r\n\r\nAddSecret\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"v\"\r\n\r\na b&c=é\r\n--x--\r\n";
        assert_eq!(read("multipart/form-data; boundary=x", body), expected);
        assert_eq!(read("application/json", "{}"), None);
    }

    #[test]
    fn a_broken_form_is_an_error_and_never_hangs() {
        assert_eq!(read("multipart/form-data; boundary=x", "--x\r\nContent-Dispo"), Some(Err(FormError::Multipart)));
        assert_eq!(read("multipart/form-data", ""), Some(Err(FormError::Multipart)));
        let broken = body_pairs("application/x-www-form-urlencoded", &Bytes::from_static(b"a=\xff"));
        assert_eq!(broken, Some(Err(FormError::NotUtf8)));
    }
}
