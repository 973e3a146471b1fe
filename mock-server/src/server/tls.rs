//! TLS: a certificate of the user's, or one made at the start.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// How long a certificate that is made at the start is valid: longer than any test, and short enough for clients that refuse long ones.
const VALIDITY: Duration = Duration::from_hours(24 * 365);

/// How far before the start it begins to be valid, for clocks that are late.
const LEEWAY: Duration = Duration::from_hours(24);

/// Where a server's certificate comes from.
#[derive(Clone, Debug)]
pub struct Tls(Source);

#[derive(Clone, Debug)]
enum Source {
    Made,
    Files { certificate: PathBuf, key: PathBuf },
}

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A file is not what it should be.
    #[error("{path} holds no {what} in PEM form (`-----BEGIN {label}-----`)")]
    NoPem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// How that begins.
        label: &'static str,
    },
    /// The certificate and the key cannot be used together.
    #[error("the certificate in {certificate} does not go with the key in {key}: {reason}")]
    Unfit {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// Why.
        reason: rustls::Error,
    },
    /// No certificate can be made.
    #[error("no certificate can be made: {0}")]
    Unmade(String),
}

impl Tls {
    /// A certificate that is made at the start, for `localhost`, the loopback addresses and the address that is listened on. Its issuer, which
    /// clients are to trust, is made with it and forgotten: `MockServer::certificate` tells it.
    #[must_use]
    pub const fn made() -> Self {
        Self(Source::Made)
    }

    /// A certificate with its chain and its key, from PEM files.
    #[must_use]
    pub fn files(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self(Source::Files { certificate: certificate.into(), key: key.into() })
    }

    /// What accepts connections, and the certificate that clients are to trust where it is not the user's own, in PEM form.
    pub(super) fn prepare(&self, listen: IpAddr) -> Result<(TlsAcceptor, Option<String>), TlsError> {
        match &self.0 {
            Source::Made => make(listen).map(|(acceptor, issuer)| (acceptor, Some(issuer))),
            Source::Files { certificate, key } => read(certificate, key).map(|acceptor| (acceptor, None)),
        }
    }
}

fn make(listen: IpAddr) -> Result<(TlsAcceptor, String), TlsError> {
    let unmade = |error: rcgen::Error| TlsError::Unmade(error.to_string());
    let issuer = CertifiedIssuer::self_signed(issuer(), KeyPair::generate().map_err(unmade)?).map_err(unmade)?;
    let key = KeyPair::generate().map_err(unmade)?;
    let certificate = server(listen).map_err(unmade)?.signed_by(&key, &issuer).map_err(unmade)?;
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| TlsError::Unmade(error.to_owned()))?;
    let acceptor = acceptor(vec![certificate.der().clone()], private).map_err(|error| TlsError::Unmade(error.to_string()))?;
    Ok((acceptor, issuer.pem()))
}

/// What all certificates made here have in common.
fn parameters(name: &str, mut params: CertificateParams) -> CertificateParams {
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = SystemTime::now();
    params.not_before = (now - LEEWAY).into();
    params.not_after = (now + VALIDITY).into();
    params
}

fn issuer() -> CertificateParams {
    let mut params = parameters("Lockstep, for tests only", CertificateParams::default());
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params
}

fn server(listen: IpAddr) -> Result<CertificateParams, rcgen::Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let own = listen.to_string();
    if !listen.is_unspecified() && !names.contains(&own) {
        names.push(own);
    }
    let mut params = parameters("localhost", CertificateParams::new(names)?);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn read(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let no_pem = |path: &Path, what, label| TlsError::NoPem { path: path.to_owned(), what, label };
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&bytes(certificate)?).collect::<Result<_, _>>().unwrap_or_default();
    if chain.is_empty() {
        return Err(no_pem(certificate, "certificate", "CERTIFICATE"));
    }
    let private = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|_| no_pem(key, "private key", "PRIVATE KEY"))?;
    acceptor(chain, private).map_err(|reason| TlsError::Unfit { certificate: certificate.to_owned(), key: key.to_owned(), reason })
}

fn bytes(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|reason| TlsError::Unreadable { path: path.to_owned(), reason })
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<TlsAcceptor, rustls::Error> {
    let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
    let mut config = versions.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
