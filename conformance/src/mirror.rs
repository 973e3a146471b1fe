//! Mirrors: a GET, and the HEAD of it.

use http::Method;
use specs::contract::essence;

use crate::case::{Case, Mirror};
use crate::session::{Session, Stop};

impl Session<'_> {
    /// Sends a GET, and then the same as a HEAD, which is judged by what the GET was answered.
    pub(crate) async fn mirror(&mut self, get: Case, scenario: Option<&str>) -> Result<(), Stop> {
        let played = self.play(get.clone()).await?;
        let response = &played.exchange.response;
        let mirror = Mirror { status: response.status.as_u16(), media_type: response.header("content-type").map(essence) };
        let head = Case { method: Some(Method::HEAD), mirrors: Some(mirror), scenario: scenario.map(str::to_owned), ..get };
        self.play(head).await?;
        Ok(())
    }
}
