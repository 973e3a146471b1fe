//! Connections to one server (HTTP/1.1, RFC 9112): opened when they are needed, used again when they can be, and driven by whoever waits for
//! an answer on them. What waits on no other task needs not be woken by one, which is most of what a small answer costs.

use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Uri;
use http::header::{ACCEPT, HOST, HeaderValue};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::ConfigVerifierExt as _;
use specs::wire::{Request, Response};
use tokio::net::TcpStream;
use tower_service::Service as _;

use crate::options::Target;

/// A body longer than this is cut: a hostile target must not fill the memory.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// So long a connection may take to be opened, and an answer to come, opening included.
const OPENING: Duration = Duration::from_secs(5);
const ANSWERING: Duration = Duration::from_secs(30);

/// What a path of a document may have and no request line (RFC 9112, section 3.2).
const UNSENDABLE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'{').add(b'}').add(b'|').add(b'\\');

/// Why no answer came, in words that tell nothing of the request.
pub(crate) type Reason = String;

/// The connections to one server that are not in use.
#[derive(Debug)]
pub(crate) struct Connections {
    server: Uri,
    host: HeaderValue,
    connector: HttpsConnector<HttpConnector>,
    idle: Mutex<Vec<Connection>>,
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

#[derive(Debug)]
struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// Reads and writes when it is asked to; none once the connection has ended.
    driver: Option<http1::Connection<Stream, Full<Bytes>>>,
}

/// Why a connection gave no answer.
enum Failure {
    /// The request was not sent: whoever is on the other side has ended the connection meanwhile.
    Unsent(Reason),
    /// Nobody can say what became of it.
    Lost(Reason),
}

impl Connections {
    /// None yet, to the server of a target. Only one that is asked over TLS needs the system's certificates, and reading these takes longer
    /// than many a run.
    pub(crate) fn new(target: &Target) -> Result<Self, Reason> {
        // A second installation is refused and needless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server: Uri = target.url().parse().map_err(|error| innermost(&error))?;
        let host = HeaderValue::from_str(&host(&server)).map_err(|error| innermost(&error))?;
        let certificates = if target.is_secure() {
            ClientConfig::with_platform_verifier().map_err(|error| innermost(&error))?
        } else {
            ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        };
        let mut plain = HttpConnector::new();
        plain.set_connect_timeout(Some(OPENING));
        plain.set_nodelay(true);
        plain.enforce_http(false);
        let connector = HttpsConnectorBuilder::new().with_tls_config(certificates).https_or_http().enable_http1().wrap_connector(plain);
        Ok(Self { server, host, connector, idle: Mutex::default() })
    }

    /// Sends a request below a base path, and nothing that a client would send by itself: no redirect is followed, nothing is sent twice.
    pub(crate) async fn ask(&self, base: &str, request: &Request) -> Result<Response, Reason> {
        let late = |_| "it took too long".to_owned();
        // In a box, since whoever waits for it is large already.
        let answer = Box::pin(self.ask_for_long(base, request));
        tokio::time::timeout(ANSWERING, answer).await.map_err(late)?
    }

    async fn ask_for_long(&self, base: &str, request: &Request) -> Result<Response, Reason> {
        let outgoing = self.outgoing(base, request)?;
        // One that was kept may have been ended by the other side meanwhile.
        while let Some(connection) = self.kept() {
            match self.ask_over(connection, outgoing.clone()).await {
                Err(Failure::Unsent(_)) => {}
                Err(Failure::Lost(reason)) => return Err(reason),
                Ok(response) => return Ok(response),
            }
        }
        let (Failure::Unsent(reason) | Failure::Lost(reason)) = match self.ask_over(self.open().await?, outgoing).await {
            Ok(response) => return Ok(response),
            Err(failure) => failure,
        };
        Err(reason)
    }

    async fn ask_over(&self, mut connection: Connection, outgoing: http::Request<Full<Bytes>>) -> Result<Response, Failure> {
        let (response, whole) = connection.ask(outgoing).await?;
        if whole {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(response)
    }

    /// A connection that was used before and can be used again.
    fn kept(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find_map(|mut connection| connection.is_ready().then_some(connection))
    }

    async fn open(&self) -> Result<Connection, Reason> {
        let mut connector = self.connector.clone();
        let opened = async {
            poll_fn(|context| connector.poll_ready(context)).await.map_err(|error| innermost(&*error))?;
            let stream = connector.call(self.server.clone()).await.map_err(|error| innermost(&*error))?;
            http1::handshake(stream).await.map_err(|error| innermost(&error))
        };
        let late = |_| "it took too long".to_owned();
        let (sender, driver) = tokio::time::timeout(OPENING, opened).await.map_err(late)??;
        Ok(Connection { sender, driver: Some(driver) })
    }

    fn outgoing(&self, base: &str, request: &Request) -> Result<http::Request<Full<Bytes>>, Reason> {
        let target = format!("{base}{}", request.target());
        let sendable = || utf8_percent_encode(&target, UNSENDABLE).to_string().parse();
        let uri: Uri = target.parse().or_else(|_| sendable()).map_err(|error| innermost(&error))?;
        let mut outgoing = http::Request::new(Full::new(request.body.clone()));
        (*outgoing.method_mut(), *outgoing.uri_mut()) = (request.method.clone(), uri);
        outgoing.headers_mut().clone_from(&request.headers);
        outgoing.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
        outgoing.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        Ok(outgoing)
    }
}

impl Connection {
    /// Whether another request can be sent: the last answer is read to its end, and the other side has not ended the connection.
    fn is_ready(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.driver.is_some() && self.sender.is_ready()
    }

    fn drive(&mut self, context: &mut Context<'_>) {
        if self.driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(context).is_ready()) {
            self.driver = None;
        }
    }

    /// The answer to a request, and whether its body was read to the end.
    async fn ask(&mut self, outgoing: http::Request<Full<Bytes>>) -> Result<(Response, bool), Failure> {
        let answer = self.sender.try_send_request(outgoing);
        let mut answer = pin!(async {
            match answer.await {
                Ok(incoming) => read(incoming).await.map_err(|error| Failure::Lost(innermost(&error))),
                Err(error) if error.message().is_some() => Err(Failure::Unsent(innermost(error.error()))),
                Err(error) => Err(Failure::Lost(innermost(error.error()))),
            }
        });
        poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Pending => {
                self.drive(context);
                answer.as_mut().poll(context)
            }
            ready @ Poll::Ready(_) => ready,
        })
        .await
    }
}

/// A response with its body, which may be cut, and whether that is all of it.
async fn read(incoming: http::Response<Incoming>) -> Result<(Response, bool), hyper::Error> {
    let (head, mut rest) = incoming.into_parts();
    let mut body = BytesMut::new();
    while let Some(frame) = rest.frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        body.extend_from_slice(&chunk[..chunk.len().min(LONGEST_BODY - body.len())]);
        if body.len() == LONGEST_BODY {
            break;
        }
    }
    let whole = body.len() < LONGEST_BODY;
    let mut response = Response::new(head.status.as_u16());
    (response.headers, response.body) = (head.headers, body.freeze());
    Ok((response, whole))
}

/// The server's name and port, without the port that its scheme has anyway (RFC 9110, section 7.2).
fn host(server: &Uri) -> String {
    let name = server.host().unwrap_or_default().to_ascii_lowercase();
    match (server.scheme_str(), server.port_u16()) {
        (Some("http"), Some(80)) | (Some("https"), Some(443)) | (_, None) => name,
        (_, Some(port)) => format!("{name}:{port}"),
    }
}

/// The cause behind the causes: what stands before it may repeat the request.
fn innermost(error: &(dyn Error + 'static)) -> Reason {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
